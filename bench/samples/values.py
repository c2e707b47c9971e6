"""Values by label: what fills the frames."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from faker import Faker
from faker.providers.address.it_IT import Provider as Italian
from stdnum import luhn, verhoeff

LOCALES: Final = {
    "en": ("en_US", "en_GB", "en_CA", "en_AU"),
    "de": ("de_DE", "de_AT", "de_CH"),
    "fr": ("fr_FR", "fr_CH"),
    "es": ("es_ES", "es_MX"),
    "it": ("it_IT",),
    "nl": ("nl_NL",),
    "pt": ("pt_BR", "pt_PT"),
    "pl": ("pl_PL",),
}

_PEOPLE: Final = (
    "en_IN", "en_NG", "yo_NG", "ig_NG", "ha_NG", "en_KE", "en_PK", "tw_GH", "zu_ZA", "cs_CZ",
    "da_DK", "fi_FI", "hr_HR", "hu_HU", "id_ID", "no_NO", "ro_RO", "sl_SI", "sv_SE", "tr_TR",
    "et_EE", "ga_IE", "is_IS", "es_CO", "fr_DZ", "en_TH", "en_NZ", "pl_PL", "it_IT", "pt_BR",
)  # fmt: skip
_TOWNS: Final = (
    "en_IN", "cs_CZ", "da_DK", "fi_FI", "hr_HR", "sl_SI", "sv_SE", "es_CO", "es_AR", "fr_DZ",
    "sk_SK", "en_GB", "pl_PL",
)  # fmt: skip

_CASES: Final = (
    ("Rzeszowie", "Rzeszowa"), ("Otwocku", "Otwocka"), ("Pabianicach", "Pabianic"),
    ("Elblągu", "Elbląga"), ("Suwałkach", "Suwałk"), ("Nowym Sączu", "Nowego Sącza"),
    ("Zakopanem", "Zakopanego"), ("Jeleniej Górze", "Jeleniej Góry"), ("Ełku", "Ełku"),
    ("Zamościu", "Zamościa"), ("Chełmie", "Chełma"), ("Ostrołęce", "Ostrołęki"),
    ("Wadowicach", "Wadowic"), ("Sanoku", "Sanoka"), ("Augustowie", "Augustowa"),
    ("Świdnicy", "Świdnicy"), ("Bochni", "Bochni"), ("Giżycku", "Giżycka"),
)  # fmt: skip
"""Towns as Polish writes them after "in" and after "from"."""

_OF: Final = (
    "Anny Kowalskiej", "Jana Wrony", "Agnieszki Zając", "Piotra Malinowskiego", "Kacpra Lisa",
    "Bożeny Sikorskiej", "Wiesława Dudka", "Magdaleny Kubiak", "Zdzisława Piekarskiego",
    "Jadwigi Baran", "Mariusza Głowackiego", "Ewy Wilczek",
)  # fmt: skip
"""People as Polish writes them after "of", "for" and verbs."""


class Values:
    """Makes values of one language. `make(kind)` gives the value and its label (None: no label)."""

    def __init__(self, language: str, seed: int) -> None:
        self.random = random.Random(seed)
        self._language = language
        self._faker = Faker(self.random.choice(LOCALES[language]))
        self._faker.seed_instance(seed)
        self._english = Faker("en_US")
        self._english.seed_instance(seed)
        self._abroad = random.Random(f"abroad {seed}")
        self._foreign: dict[str, Faker] = {}

    def make(self, kind: str) -> tuple[str, str | None]:
        """A value of `kind`, and the label it is scored under."""
        maker, label = _KINDS[kind]
        return maker(self), label

    # -- People and places

    def person(self) -> str:
        return f"{self.first()} {self.last()}"

    def first(self) -> str:
        return str(self._faker.first_name())

    def last(self) -> str:
        return str(self._faker.last_name())

    def reversed_name(self) -> str:
        return f"{self.last()}, {self.first()}"

    def lower_name(self) -> str:
        return self.person().lower()

    def upper_name(self) -> str:
        return self.person().upper()

    def lower_first(self) -> str:
        return self.first().lower()

    def lower_town(self) -> str:
        return self.city().lower()

    # -- Of the whole world

    def world(self) -> str:
        people = self._from(_PEOPLE)
        return f"{people.first_name()} {people.last_name()}"

    def world_first(self) -> str:
        return str(self._from(_PEOPLE).first_name())

    def world_last(self) -> str:
        return str(self._from(_PEOPLE).last_name())

    def initial(self) -> str:
        return self._abroad.choice("ABCDEFGHJKLMNPRSTW") + "."

    def town(self) -> str:
        return str(self._from(_TOWNS).city())

    def world_upper(self) -> str:
        return self.world().upper()

    def upper_first(self) -> str:
        return self.world_first().upper()

    def upper_town(self) -> str:
        return self.town().upper()

    def town_in(self) -> str:
        return self._abroad.choice(_CASES)[0]

    def town_in_lower(self) -> str:
        return self.town_in().lower()

    def town_of(self) -> str:
        return self._abroad.choice(_CASES)[1]

    def person_of(self) -> str:
        return self._abroad.choice(_OF)

    def _from(self, locales: tuple[str, ...]) -> Faker:
        """Whoever makes values of one of these locales; drawn apart, so that other values stay."""
        locale = self._abroad.choice(locales)
        if locale not in self._foreign:
            self._foreign[locale] = Faker(locale)
            self._foreign[locale].seed_instance(self._abroad.random())
        return self._foreign[locale]

    def street(self) -> str:
        return str(self._faker.street_address()).replace("\n", ", ")

    def city(self) -> str:
        if self._language == "it":  # Faker keeps these in a set, whose order changes by the run
            return self.random.choice(sorted(Italian.cities))
        return str(self._faker.city())

    def postcode(self) -> str:
        return str(self._faker.postcode())

    def country(self) -> str:
        return str(self._faker.country())

    # -- Contact

    def email(self) -> str:
        user = f"{self._english.first_name()}.{self._english.last_name()}".lower()
        host = self.random.choice(
            ("example.com", "mail.example.org", "corp.example", "intra.local", "web.de", "acme.io")
        )
        return f"{user}{self.random.choice(('', '7', '.work', '+news'))}@{host}"

    def phone(self) -> str:
        return str(self._faker.phone_number())

    def username(self) -> str:
        return str(self._english.user_name())

    def url(self) -> str:
        return f"https://{self._english.domain_name()}/{self._english.uri_path()}"

    # -- Numbers

    def digits(self, count: int) -> str:
        return "".join(self.random.choices(string.digits, k=count))

    def card(self) -> str:
        number = str(self._faker.credit_card_number())
        if len(number) == 16 and self.random.random() < 0.4:
            mark = self.random.choice("- ")
            return mark.join(number[i : i + 4] for i in range(0, 16, 4))
        return number

    def iban(self) -> str:
        number = str(self._faker.iban())
        if self.random.random() < 0.5:
            return " ".join(number[i : i + 4] for i in range(0, len(number), 4))
        return number

    def account(self) -> str:
        return self.digits(self.random.choice((8, 9, 10, 12)))

    def ssn(self) -> str:
        return str(self._english.ssn())

    def national_id(self) -> str:
        return str(self._faker.ssn())

    def aadhaar(self) -> str:
        number = str(self.random.randint(2, 9)) + self.digits(10)
        number += verhoeff.calc_check_digit(number)
        return f"{number[:4]} {number[4:8]} {number[8:]}"

    def mrn(self) -> str:
        form = self.random.choice(("{}", "MR-{}", "{}-A", "H{}"))
        return form.format(self.digits(self.random.choice((6, 7, 8))))

    def member_id(self) -> str:
        return "".join(self.random.choices(string.ascii_uppercase, k=3)) + self.digits(9)

    def passport(self) -> str:
        return self.random.choice(("", "C", "X", "AB")) + self.digits(8)

    def licence(self) -> str:
        return self.random.choice(string.ascii_uppercase) + self.digits(
            self.random.choice((7, 8, 12))
        )

    def plate(self) -> str:
        return (
            str(self._faker.license_plate())
            if hasattr(self._faker, "license_plate")
            else f"{self.digits(3)}-ABC"
        )

    def vin(self) -> str:
        return str(self._english.vin())

    def imei(self) -> str:
        number = "35" + self.digits(12)
        return number + luhn.calc_check_digit(number)

    def mac(self) -> str:
        mark = self.random.choice(":-")
        return str(self._english.mac_address()).replace(":", mark)

    def ipv4(self) -> str:
        return str(self._english.ipv4())

    def ipv6(self) -> str:
        return str(self._english.ipv6())

    def bitcoin(self) -> str:
        return self.random.choice(
            ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
             "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
             "0x742d35Cc6634C0532925a3b844Bc454e4438f44e")
        )  # fmt: skip

    # -- Dates

    def birth(self) -> str:
        born = self._day(1934, 2006)
        return born.strftime(self.random.choice(("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")))

    def date(self) -> str:
        day = self._day(2021, 2026)
        return day.strftime(self.random.choice(("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")))

    def _day(self, first: int, last: int) -> date:
        """A day that does not depend on today."""
        return date(first, 1, 1) + timedelta(self.random.randrange(365 * (last - first)))

    def birth_compact(self) -> str:
        return self._day(1934, 2006).strftime("%Y%m%d")

    def day(self) -> str:
        return self._day(1990, 2005).strftime("%Y-%m-%d")

    # -- Parts of names, addresses and numbers

    def first_upper(self) -> str:
        return self.first().upper()

    def last_upper(self) -> str:
        return self.last().upper()

    def initials(self) -> str:
        return "".join(self.random.choices(string.ascii_uppercase, k=2))

    def street_name(self) -> str:
        return str(self._faker.street_name())

    def house(self) -> str:
        return str(self.random.randint(1, 240)) + self.random.choice(("", "", "a", "B"))

    def street_upper(self) -> str:
        return f"{self.random.randint(1, 999)} {self._english.street_name()}".upper()

    def postcode_plus(self) -> str:
        return self.postcode().replace(" ", "+")

    def phone_bare(self) -> str:
        return "+44" + self.digits(10)

    def plate_uk(self) -> str:
        letters = lambda count: self.token("ABCDEFGHJKLMNPRSTUVWXY", count)  # noqa: E731
        return f"{letters(2)}{self.random.randint(51, 73)} {letters(3)}"

    # -- Secrets

    def token(self, alphabet: str, count: int) -> str:
        return "".join(self.random.choices(alphabet, k=count))

    def password(self) -> str:
        return str(self._english.password(length=self.random.choice((9, 12, 16))))

    def word_password(self) -> str:
        return str(self._english.word()).title() + self.digits(self.random.choice((2, 4))) + "!"

    def opaque(self) -> str:
        return self.token(string.ascii_letters + string.digits, self.random.choice((24, 32, 40)))

    def hex_secret(self) -> str:
        return self.token("0123456789abcdef", self.random.choice((32, 40, 64)))

    def aws_id(self) -> str:
        return "AKIA" + self.token(string.ascii_uppercase + "234567", 16)

    def aws_secret(self) -> str:
        return self.token(string.ascii_letters + string.digits + "/+", 40)

    def github(self) -> str:
        return self.random.choice(("ghp_", "gho_", "ghs_")) + self.token(
            string.ascii_letters + string.digits, 36
        )

    def stripe(self) -> str:
        return "sk_live_" + self.token(string.ascii_letters + string.digits, 24)

    def slack(self) -> str:
        return f"xoxb-{self.digits(12)}-{self.digits(12)}-" + self.token(string.ascii_letters, 24)

    def jwt(self) -> str:
        part = lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")  # noqa: E731
        return ".".join(
            (part('{"alg":"HS256","typ":"JWT"}'), part('{"sub":"' + self.digits(9) + '"}'),
             self.token(string.ascii_letters + string.digits + "-_", 43))
        )  # fmt: skip

    def private_key(self) -> str:
        body = "\n".join(
            self.token(string.ascii_letters + string.digits + "+/", 64) for _ in range(6)
        )
        return f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"

    # -- What is nobody's

    def number(self) -> str:
        return self.digits(self.random.choice((3, 4, 5, 6, 7, 8, 10)))

    def uuid(self) -> str:
        return str(self._english.uuid4(cast_to=str))

    def word(self) -> str:
        return str(self._faker.word())

    def sku(self) -> str:
        return self.token(string.ascii_uppercase, 3) + "-" + self.digits(5)

    def amount(self) -> str:
        return f"{self.random.randint(1, 9_999)}.{self.digits(2)}"

    def stamp(self) -> str:
        return f"{self._day(2020, 2026)}T{self.random.randrange(24):02}:{self.random.randrange(60):02}:07.{self.digits(3)}Z"

    def company(self) -> str:
        return str(self._faker.company())

    def job(self) -> str:
        return str(self._faker.job())


_Maker = Callable[[Values], str]
_KINDS: Final[dict[str, tuple[_Maker, str | None]]] = {
    "person": (Values.person, "PERSON"),
    "first": (Values.first, "PERSON"),
    "last": (Values.last, "PERSON"),
    "reversed": (Values.reversed_name, "PERSON"),
    "lower": (Values.lower_name, "PERSON"),
    "upper": (Values.upper_name, "PERSON"),
    "lower_first": (Values.lower_first, "PERSON"),
    "lower_town": (Values.lower_town, "LOCATION"),
    "world": (Values.world, "PERSON"),
    "world_first": (Values.world_first, "PERSON"),
    "world_last": (Values.world_last, "PERSON"),
    "world_upper": (Values.world_upper, "PERSON"),
    "upper_first": (Values.upper_first, "PERSON"),
    "upper_town": (Values.upper_town, "LOCATION"),
    "initial": (Values.initial, None),
    "town": (Values.town, "LOCATION"),
    "town_in": (Values.town_in, "LOCATION"),
    "town_in_lower": (Values.town_in_lower, "LOCATION"),
    "town_of": (Values.town_of, "LOCATION"),
    "person_of": (Values.person_of, "PERSON"),
    "street": (Values.street, "ADDRESS"),
    "city": (Values.city, "LOCATION"),
    "postcode": (Values.postcode, "POSTCODE"),
    "country": (Values.country, "LOCATION"),
    "email": (Values.email, "EMAIL"),
    "phone": (Values.phone, "PHONE"),
    "username": (Values.username, "USERNAME"),
    "url": (Values.url, "URL"),
    "card": (Values.card, "CARD"),
    "iban": (Values.iban, "BANK"),
    "account": (Values.account, "BANK"),
    "ssn": (Values.ssn, "GOV_ID"),
    "first_upper": (Values.first_upper, "PERSON"),
    "last_upper": (Values.last_upper, "PERSON"),
    "initials": (Values.initials, "PERSON"),
    "street_name": (Values.street_name, "ADDRESS"),
    "house": (Values.house, "ADDRESS"),
    "street_upper": (Values.street_upper, "ADDRESS"),
    "postcode_plus": (Values.postcode_plus, "POSTCODE"),
    "phone_bare": (Values.phone_bare, "PHONE"),
    "plate_uk": (Values.plate_uk, "VEHICLE"),
    "birth_compact": (Values.birth_compact, "DOB"),
    "day": (Values.day, "DATE"),
    "national_id": (Values.national_id, "GOV_ID"),
    "aadhaar": (Values.aadhaar, "GOV_ID"),
    "passport": (Values.passport, "GOV_ID"),
    "licence": (Values.licence, "GOV_ID"),
    "mrn": (Values.mrn, "MEDICAL_ID"),
    "member_id": (Values.member_id, "MEDICAL_ID"),
    "plate": (Values.plate, "VEHICLE"),
    "vin": (Values.vin, "VEHICLE"),
    "imei": (Values.imei, "DEVICE_ID"),
    "mac": (Values.mac, "DEVICE_ID"),
    "ipv4": (Values.ipv4, "IP"),
    "ipv6": (Values.ipv6, "IP"),
    "bitcoin": (Values.bitcoin, "CRYPTO"),
    "birth": (Values.birth, "DOB"),
    "date": (Values.date, "DATE"),
    "password": (Values.password, "SECRET"),
    "word_password": (Values.word_password, "SECRET"),
    "opaque": (Values.opaque, "SECRET"),
    "hex_secret": (Values.hex_secret, "SECRET"),
    "aws_id": (Values.aws_id, "SECRET"),
    "aws_secret": (Values.aws_secret, "SECRET"),
    "github": (Values.github, "SECRET"),
    "stripe": (Values.stripe, "SECRET"),
    "slack": (Values.slack, "SECRET"),
    "jwt": (Values.jwt, "SECRET"),
    "private_key": (Values.private_key, "SECRET"),
    "number": (Values.number, None),
    "uuid": (Values.uuid, None),
    "word": (Values.word, None),
    "sku": (Values.sku, None),
    "amount": (Values.amount, None),
    "stamp": (Values.stamp, None),
    "company": (Values.company, "ORG"),
    "job": (Values.job, None),
}
