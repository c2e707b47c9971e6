"""Labelled values, tables, names, places, dates, phones and secrets inside text."""

from __future__ import annotations

import pytest

from privacy_service.detection.recognize import Recognizers
from privacy_service.detection.resolve import resolve
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Passage

RECOGNIZERS = Recognizers.load(DetectionSettings())


def found(text: str) -> set[tuple[str, str]]:
    claims = [one for one in RECOGNIZERS.find(Passage(text=text)) if one.score >= 0.4]
    return {(one.entity, text[one.start : one.end]) for one in resolve(claims, text)}


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        # labels and marks
        ("Last name: Oduya", "PERSON", "Oduya"),
        ("user=mthompson ip=10.0.0.7", "USERNAME", "mthompson"),
        ("<city>Bonn</city>", "LOCATION", "Bonn"),
        ('<input name="first_name" value="Wanjiru">', "PERSON", "Wanjiru"),
        ("<tr><th>Name</th><td>Priya Nair</td></tr>", "PERSON", "Priya Nair"),
        ('{"dob": "1989-03-15"}', "DOB", "1989-03-15"),
        ("name=Alicia+Duncan&ref=8", "PERSON", "Alicia+Duncan"),
        ("password: Zq7!p&Lm2", "PASSWORD", "Zq7!p&Lm2"),
        ("| City | Utrecht |", "LOCATION", "Utrecht"),
        # tables
        ("id;vorname;nachname\n7;Jutta;Braun", "PERSON", "Jutta"),
        ("INSERT INTO t (id, last_name) VALUES (1, 'Day'), (2, 'Hall')", "PERSON", "Hall"),
        ("t:\n| Owner | Code |\n|---|---|\n| Ada Bel | X7 |", "PERSON", "Ada Bel"),
        ("given_name\tSid\nMelanie\tAC86d0F4B2c0", "PERSON", "Melanie"),
        (
            "code,international__mobile__equipment__identity\n7,60-301759-494613-4",
            "IMEI",
            "60-301759-494613-4",
        ),
        ("Name;Vorname;Ort\nMarkl;Jutta;Ulm", "PERSON", "Markl"),
        ("nombre|correo\nVanesa|x@y.es", "EMAIL_ADDRESS", "x@y.es"),
        ("COPY t (emp_no, surname) FROM stdin;\n7\tOduya\n\\.\n", "PERSON", "Oduya"),
        ("INSERT INTO t (\"a,last_name\") VALUES ('7,Day')", "PERSON", "Day"),
        (
            "INSERT INTO t (who, tel) VALUES (NULL, N'0141 496 0302')",
            "PHONE_NUMBER",
            "0141 496 0302",
        ),
        (
            "CREATE TABLE m (id int(11), surname text); INSERT INTO m VALUES (1,'Lo'),(2,'Oduya')",
            "PERSON",
            "Oduya",
        ),
        ("UPDATE t SET a=1 WHERE last_name<>'Oduya'", "PERSON", "Oduya"),
        # forms and what prints an object
        ("<dl><dt>Surname</dt>\n<dd>Oduya</dd></dl>", "PERSON", "Oduya"),
        ('<label for="f">Town</label><input id="f" value="Sonmarg">', "LOCATION", "Sonmarg"),
        ('<k name="driver\'s license" t="s">62283901</k>', "DRIVERS_LICENSE", "62283901"),
        ("User(town=East Mark, id=7)", "LOCATION", "East Mark"),
        ('x={"name":"surname","value":"Oduya"} ok', "PERSON", "Oduya"),
        (
            'log: {"spot": "9 Elm Row\n Suite 8\n Ely"}',
            "STREET_ADDRESS",
            "9 Elm Row\n Suite 8",
        ),
        ("GET /s?full+name=Ada+Bel HTTP/1.1", "PERSON", "Ada+Bel"),
        # users, and their passwords
        ("https://jweber:s3cr3t@git.example.com/x", "USERNAME", "jweber"),
        ("Server=db;User ID=jweber;Password=Fa7!x;Encrypt=True", "PASSWORD", "Fa7!x"),
        ("docker login -u jweber -p Fa7!xx r.example", "PASSWORD", "Fa7!xx"),
        ("docker login -u jweber -p Fa7!xx r.example", "USERNAME", "jweber"),
        # names
        ("my name is maria gonzales and i live here", "PERSON", "maria gonzales"),
        ("Dear Ms. Aaltonen, we received it", "PERSON", "Aaltonen"),
        ("Gonzales, Maria was here", "PERSON", "Gonzales, Maria"),
        ("Kind regards,\nTomomi Nishiyama", "PERSON", "Tomomi Nishiyama"),
        ("Ich heiße Regula Zurbriggen", "PERSON", "Regula Zurbriggen"),
        ("ask Leyonhjelm or john.leyonhjelm@x.example", "PERSON", "Leyonhjelm"),
        ("Patient: WASHINGTON, DENISE", "PERSON", "WASHINGTON, DENISE"),
        ("Der Zeuge Portmann gab an, nichts zu wissen", "PERSON", "Portmann"),
        ("El acusado Treviño no compareció", "PERSON", "Treviño"),
        ("l'avvocata Casellati chiede un rinvio", "PERSON", "Casellati"),
        ("Świadek Starzak zeznał, że spał", "PERSON", "Starzak"),
        ("the claimant Adeyemi was absent", "PERSON", "Adeyemi"),
        ("a letter to Camillo Ferretti about it", "PERSON", "Camillo Ferretti"),
        # places
        ("Die Reise nach Winterthur", "LOCATION", "Winterthur"),
        ("she was born in Sonmarg last year", "LOCATION", "Sonmarg"),
        ("Flint, MI 48502", "POSTCODE", "48502"),
        ("wohnhaft Lindenallee 7, 50968 Köln", "STREET_ADDRESS", "Lindenallee 7"),
        ("24 rue des Lilas à Lyon", "STREET_ADDRESS", "24 rue des Lilas"),
        ("przy ul. Długiej 15/4 w domu", "STREET_ADDRESS", "ul. Długiej 15/4"),
        ("at 1600 Pennsylvania Avenue NW now", "STREET_ADDRESS", "1600 Pennsylvania Avenue NW"),
        # dates and phones
        ("born March 15, 1989 in a small town", "DOB", "March 15, 1989"),
        ("am 14. März 2023 um zehn", "DATE_TIME", "14. März 2023"),
        ("reach me at +44 20 7946 0958", "PHONE_NUMBER", "+44 20 7946 0958"),
        ("call 555-123-4567 x89 now", "PHONE_NUMBER", "555-123-4567 x89"),
        # secrets
        ("My password is Fast76!, please", "PASSWORD", "Fast76!"),
        ("postgres://app:s3cr3t@db:5432/x", "PASSWORD", "s3cr3t"),
        # a label in prose stands between a phrase and its value, and tells nothing
        ("The SSN of the customer, as given: 536904399", "US_SSN", "536904399"),
        ("her phone number, note: 4155552671", "PHONE_NUMBER", "4155552671"),
        ("my postcode is ls6 2nx", "UK_POSTCODE", "ls6 2nx"),
        ("The Surgery, 4 Station Approach, Oxted", "STREET_ADDRESS", "4 Station Approach"),
        ("Hosp. no: RXW-338291", "MEDICAL_ID", "RXW-338291"),
        ("3 Quay Street, Westport, F28 X5W6", "POSTCODE", "F28 X5W6"),
        ("Zadzwoń do niego: 601 555 234.", "PHONE_NUMBER", "601 555 234"),
        ("il vous rappellera au 079 555 43 21. Votre compte", "PHONE_NUMBER", "079 555 43 21"),
        ("llámame al 612 555 098", "PHONE_NUMBER", "612 555 098"),
        ("date of birth, per the form: 1985-03-14", "DOB", "1985-03-14"),
        # names of members and columns can be anybody's
        ('data: {"4111111111111111": 1}', "CREDIT_CARD", "4111111111111111"),
        ('data: {"536-90-4399": 3}', "US_SSN", "536-90-4399"),
        ('data: {"Maria Gonzales": 5}', "PERSON", "Maria Gonzales"),
        ("name,notes\nBob Hill,her SSN is 536904399", "US_SSN", "536904399"),
        # what follows a number or a name is no part of it
        ("pague a ES9121000418450200051332 para", "IBAN_CODE", "ES9121000418450200051332"),
        ("ES91 2100 0418 4502 0005 1332 para", "IBAN_CODE", "ES91 2100 0418 4502 0005 1332"),
        ("an die Kundin Itziar Daza. Pedido 3640", "PERSON", "Itziar Daza"),
        ("Ich heiße Itziar Daza und wohne hier", "PERSON", "Itziar Daza"),
        ("Dr. med. Otto J. Weber", "PERSON", "Otto J. Weber"),
        ("Weißring 221, 3517 Herzogenburg. Danach", "LOCATION", "Herzogenburg"),
        ("Weißring 221, 9000 St. Gallen. Danach", "LOCATION", "St. Gallen"),
        (
            "    u = User(name='Fatima Al-Sayed', age=3)\n    f(u, id=7)",
            "PERSON",
            "Fatima Al-Sayed",
        ),
        ("Policy number: HX-4482-991", "ACCOUNT_ID", "HX-4482-991"),
        ("Authorization: Bearer kX82-hQ7fT0pLw3zV9nB", "TOKEN", "kX82-hQ7fT0pLw3zV9nB"),
        ("id,first,last\n7,Tunde,Bakare", "PERSON", "Bakare"),
        # what people are called on social networks
        ("@KammBe that is no help", "USERNAME", "KammBe"),
        ("RT @ skooba : so true", "USERNAME", "skooba"),
        ("nice one @jaketapper", "PERSON", "jaketapper"),
        ("cc @NicholasPegg and others", "PERSON", "NicholasPegg"),
        ("RT @ mcgregor _ ewan : was going", "PERSON", "mcgregor _ ewan"),
        ("great set #SachaBaronCohen", "PERSON", "SachaBaronCohen"),
        ("off to #RhodeIsland", "LOCATION", "RhodeIsland"),
        ("a conference in Wollongong", "LOCATION", "Wollongong"),
        ("NI number AB 12 34 56 C, and", "UK_NINO", "AB 12 34 56 C"),
        ("failed login (user: 'msantos', reason: x)", "USERNAME", "msantos"),
        ("mieszka w Tarnowcu od lat", "LOCATION", "Tarnowcu"),
        # special categories
        ("She was diagnosed with type 2 diabetes.", "HEALTH_CONDITION", "type 2 diabetes"),
        ("She is on sertraline now.", "HEALTH_CONDITION", "sertraline"),
        ("he takes propranolol daily", "HEALTH_CONDITION", "propranolol"),
        ("He is a devout Muslim", "NRP", "Muslim"),
        ("Er ist Mitglied der IG Metall", "UNION_MEMBERSHIP", "IG Metall"),
    ],
)
def test_found(text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "my name appears twice on the statement",
        "3 days on the road and 50 of the Treaty on European Union",
        "password is required; the token type is bearer",
        "if not password: raise ValueError('password required')",
        "phone support for order 5442508 is closed",
        "contacto para el informe 2023-2024",
        "the price of sertraline rose",
        "police ref 06/2231/24",
        "The event starts at 12:30:45 UTC",
        "Release v2026.2.9 fixed the issue, and 1.2.3.4 too",
        "Part number: 555-123-4567-A",
        "const john_example_com = true;",
        "Customer SSN: see the annex",
        '{"phone": null, "orderId": "4155552671"}',
        "std::vector<int> a::b",
        "upgrade from 4.18.0.25 to 4.19.0.2",
        "PWD=/home/x ; TTY=pts/0",
        "@staticmethod\ndef of(cls): ...",
        "@angular/core and @types/node are out of date",
        "lunch @ home, 2 @ 5.00 each",
        "#ThrowbackThursday #marketplace #annotation",
        "10:44 restarting the service",
        "Bill to: see the order",
        "May 11 10:22:01 web-01 app[2211]: started",
        "GET / HTTP/1.1\nHost: api.example.com\n",
        "BEGIN:VEVENT\nUID:410f3432-b5de-45c6-a1f2-f1d51d792d4e\n",
        "WorkspaceSid,Sid\nWSF13eB7dFff22,ACabc5E53a92",
        'SELECT "Mark" FROM "Page" LIMIT 7',
        "the manager Jenkins and the client Redis were upgraded",
        "The University of Applied Sciences published it",
        "Elle habite au troisième étage",
    ],
)
def test_nothing_found(text: str) -> None:
    assert found(text) == set()


def test_the_nearer_label_wins() -> None:
    text = "Account: 12345678 Routing: 021000021"
    assert ("BANK_ACCOUNT", "12345678") in found(text)
    assert ("ROUTING_NUMBER", "021000021") in found(text)


def test_a_longer_claim_at_a_lower_score_does_not_win() -> None:
    text = "card 4111 1111 1111 1111"
    assert found(text) == {("CREDIT_CARD", "4111 1111 1111 1111")}
