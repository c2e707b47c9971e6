"""Street addresses, post boxes and postcodes, as they are written in ten countries and more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import common_words, stop_words
from privacy_service.detection.sight import Sight
from privacy_service.detection.words import folded

_W = r"[^\W\d_][\w'’.\-]{0,30}"
_CAP = r"[A-ZÀ-ÖØ-ÞŁŚŻŹĆ][\w'’.\-]{0,30}"
_NO = r"\d{1,6}(?:[ -]?[A-Za-z](?!\w))?(?:[-/]\d{1,5}[A-Za-z]?)?"

_EN_SUFFIX = (
    r"(?:street|str|st|avenue|aven|ave|av|road|rd|boulevard|blvd|lane|ln|drive|dr|drives|court|ct|"
    r"place|pl|square|sq|squares|terrace|ter|way|parkway|pkwy|circle|cir|crescent|cres|close|"
    r"highway|hwy|trail|trl|alley|aly|row|mews|grove|gardens|gdns|hill|walk|loop|plaza|plz|"
    r"turnpike|expressway|freeway|bypass|crossing|xing|point|pointe|ridge|run|path|pike|causeway|"
    r"esplanade|quay|wharf|mall|green|heights|hts|park|view|bend|cove|glen|hollow|island|junction|"
    r"knoll|lake|landing|manor|meadow|meadows|mill|mills|mission|oval|pass|passage|pines|plain|"
    r"plains|port|prairie|ranch|rest|rise|rue|shoal|shore|spring|springs|spur|station|stravenue|"
    r"stream|summit|throughway|trace|track|trafficway|tunnel|turn|underpass|union|unions|valley|"
    r"viaduct|village|ville|vista|wall|well|wells|burg|bluff|bluffs|branch|bridge|brook|brooks|camp|"
    r"canyon|cape|center|centers|cliff|cliffs|club|common|commons|corner|corners|course|courts|"
    r"coves|creek|crest|crossroad|curve|dale|dam|divide|estate|estates|extension|extensions|fall|"
    r"falls|ferry|field|fields|flat|flats|ford|fords|forest|forge|forges|fork|forks|fort|garden|"
    r"gateway|groves|harbor|harbors|haven|hills|inlet|islands|isle|junctions|key|keys|knolls|lakes|"
    r"land|light|lights|loaf|lock|locks|lodge|motorway|mount|mountain|mountains|neck|orchard|"
    r"overpass|parks|parkways|pine|points|ports|radial|ramp|rapid|rapids|river|road|roads|route|"
    r"shoals|shores|skyway|spurs|streets|trailer)"
)
_SURE_SUFFIX = (
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|square|sq|"
    r"terrace|way|parkway|pkwy|circle|crescent|close|highway|hwy|trail|row|mews|grove|gardens|plaza)"
)
_UNIT = (
    r"(?:,?\s{1,4}(?:apt|apartment|suite|ste|unit|flat|floor|fl|room|rm|building|bldg|apto|piso|"
    r"etg|whg|bus|lok|m|esc|int|scala|interno|#)\.?\s?#?[\w-]{1,8})"
)
_DIRECTION = r"(?:[NSEW]\.?|[NS][EW]|North|South|East|West)"

_STATES: Final = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM "
    "NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR VI GU AS MP AA AE AP FM MH PW"
).split()
_STATE = rf"(?:{'|'.join(_STATES)})"

_ENGLISH: Final = re.compile(
    rf"(?<![\w.,:$€£#-])(?:\d{{1,6}}[ ,]{{1,2}})?\d{{1,6}}[A-Za-z]?(?:-\d{{1,5}})?,?\s{{1,2}}"
    rf"(?P<words>(?:{_DIRECTION}[ ])?(?:{_W}|\d{{1,3}}(?:st|nd|rd|th))(?:[ ]{_W}){{0,4}}?)"
    rf"[ ](?P<suffix>{_EN_SUFFIX})(?!\w)\.?(?:[ ]{_DIRECTION}(?!\w))?{_UNIT}{{0,2}}",
    re.IGNORECASE,
)
_SURE: Final = re.compile(_SURE_SUFFIX, re.IGNORECASE)
STREET_WORD: Final = re.compile(_EN_SUFFIX, re.IGNORECASE)
"""A word that an English street's name ends with."""

_UNIT_ALONE: Final = re.compile(
    r"(?<!\w)(?:Apt|Apartment|Suite|Ste|Unit|Flat|Bldg|Building)\.?\s#?\d{1,5}[A-Za-z]?(?!\w)"
)
_BOX: Final = re.compile(
    r"(?<!\w)(?:P\.?\s?O\.?\s?Box|Post(?:al)? ?Office Box|PO Box|POBox|Postbox|Post Box|Postfach|Case postale|"
    r"Apartado(?: de correos)?|Apdo\.?|Casella postale|C\.P\.|Caixa postal|Skrytka pocztowa|Postbus|BP(?=\s))"
    r"\s?#?:?\s?\d[\d ]{0,8}\d?(?!\w)",
    re.IGNORECASE,
)
_MILITARY: Final = re.compile(
    r"(?<!\w)(?:PSC|Unit|CMR|USS|USNS|USNV|USCGC)\s[\w ]{1,20}?(?:,?\s?Box \d{1,6})?[,\s]{1,3}(?:APO|FPO|DPO),?\s(?:AA|AE|AP)\s\d{5}(?:-\d{4})?"
)
_CITY_STATE_ZIP: Final = re.compile(
    rf"(?<!\w)(?P<city>{_CAP}(?:[ ]{_CAP}){{0,3}}),?\s{{1,3}}(?P<state>{_STATE})\s{{1,3}}(?P<zip>\d{{5}}(?:-\d{{4}})?)(?!\w)"
)
_CITY_STATE: Final = re.compile(
    rf"(?<!\w)(?P<city>{_CAP}(?:[ ]{_CAP}){{0,2}}), (?P<state>{_STATE})(?![\w'])"
)

_GERMAN: Final = re.compile(
    rf"(?<!\w)(?:(?:{_CAP}[ ]){{0,2}}[A-ZÄÖÜ][\w.\-]{{1,30}}?(?:straße|strasse|str\.|gasse|weg|allee|platz|ring|"
    rf"damm|ufer|chaussee|steig|stieg|pfad|hof|berg|markt|graben|promenade|kamp|rain|halde|matte|matt|acker|"
    rf"gaten|gatan|vägen|vej|gade|veien|vegen|katu|tie)|"
    rf"(?:Am|An der|An den|Auf der|Auf dem|Im|In der|In den|Zum|Zur|Unter den|Alte|Neue|Große|Kleine|Obere|Untere)[ ]{_CAP}(?:[ ]{_CAP})?|"
    rf"(?:{_CAP}[ -]){{1,3}}(?:Straße|Strasse|Str\.|Allee|Platz|Ring|Weg|Damm|Ufer|Gasse|Chaussee|Promenade))"
    rf"[ ]{{1,2}}{_NO}{_UNIT}?(?!\w)"
)
_ROMANCE_HEAD = (
    r"(?:Rue|Avenue|Av\.|Boulevard|Bd\.?|Bld|Place|Chemin|Ch\.|Route|Rte|Impasse|Allée|Allées|Quai|Cours|Square|Passage|Sentier|Ruelle|Faubourg|Esplanade|"
    r"Calle|C/|Cl\.|Avda\.?|Avenida|Paseo|Pº|Plaza|Pza\.?|Plza\.?|Camino|Carretera|Ctra\.?|Ronda|Travesía|Glorieta|Rambla|Callejón|Cuesta|Urbanización|Urb\.|Vía|Pasaje|Pje\.|Via Augusta|Alameda|Acceso|Cañada|Vial|"
    r"Via|Viale|V\.le|Piazza|P\.za|Piazzale|P\.le|Corso|C\.so|Vicolo|Largo|Strada|Contrada|Borgo|Lungomare|Lungotevere|Rotonda|Incrocio|Canale|Stretto|Salita|Località|"
    r"Rua|R\.|Travessa|Tv\.|Praça|Pç\.|Estrada|Beco|Rodovia|Rod\.|Ladeira|Calçada|Quinta|"
    r"Carrer|Carrera|Cra\.?|Kra\.?|Diagonal|Transversal|Calzada|Privada|Prolongación|Circuito|Boulevard|Blvd\.|Cerrada|Retorno|Andador)"
)
_ROMANCE_WORDS = rf"(?:(?:[ ](?:de|del|della|delle|dei|degli|du|des|di|da|do|dos|das|la|le|les|los|las|el|lo|l['’]|d['’]|y|e|et|san|santa|saint|sainte))*[ ]?[ ](?:[A-ZÀ-ÖØ-Þ][\w'’.\-]{{0,30}}|\d{{1,3}}(?![\w])|[dl]['’]\w+|XX|XX\w+))"
_ROMANCE: Final = re.compile(
    rf"(?<!\w)(?:(?P<no>\d{{1,5}}(?:[ ]?(?:bis|ter|quater|[A-Za-z](?!\w)))?,?[ ]{{1,2}})?{_ROMANCE_HEAD}{_ROMANCE_WORDS}{{1,5}}"
    rf"(?P<after>,?[ ]?(?:n[º°.o]{{0,2}}[ ]?|núm\.?[ ]?|num\.?[ ]?|s/n|#)?(?:\d{{1,5}}[A-Za-z]?(?!\w)(?:[ -]?(?:bis|ter|[A-Z](?!\w)))?(?:[/-]\d{{1,4}}[A-Za-z]?)?)?"
    r"(?:,? (?:piso|puerta|pta\.?|escalera|esc\.?|bloque|portal|local|int\.?|interno|scala|apt\.?|appt\.?|appartement|bât\.?|étage|andar|apto\.?|ap\.?|bloco|dto\.?|esq\.?|\d{1,2}[º°ª](?:[ -]?[A-Z](?!\w))?)(?: ?[\w]{1,6})?){0,3})?)",
    re.IGNORECASE,
)
_FRENCH_LOWER: Final = re.compile(
    rf"(?<!\w)\d{{1,5}}(?:[ ]?(?:bis|ter|quater|[A-Z](?!\w)))?,?[ ]{{1,2}}(?:rue|avenue|av\.|boulevard|bd\.?|place|chemin|ch\.|route|impasse|allée|allées|quai|cours|square|passage|sentier|ruelle|faubourg|esplanade|montée|cité|résidence)(?!\w)"
    rf"(?:[ ](?:de|du|des|la|le|les|l['’]|d['’])){{0,3}}[ ]?[\w'’.\-]{{1,30}}(?:[ -](?:de|du|des|la|le|{_CAP})){{0,4}}"
)
_DUTCH: Final = re.compile(
    rf"(?<!\w)(?:{_CAP}[ ]){{0,3}}{_CAP[:-6]}{{1,30}}?(?:straat|laan|weg|plein|gracht|kade|singel|dijk|dreef|hof|steeg|pad|lei|steenweg|markt|baan)"
    rf"[ ]{{1,2}}\d{{1,5}}(?:[ -]?[A-Za-z]{{1,2}}(?!\w)|[-/ ]\d{{1,4}}(?!\d)|[ ]?(?:bus|hs|huis|bis)[ ]?\w{{0,4}})?(?!\w)"
)
_POLISH: Final = re.compile(
    rf"(?<!\w)(?:[Uu]l\.|[Uu]lica|[Uu]licy|[Aa]l\.|[Aa]leja|[Aa]leje|[Aa]lei|[Pp]l\.|[Pp]lac|[Oo]s\.|[Oo]siedle|[Rr]ondo|[Ss]kwer|[Bb]ulwar)[ ]?"
    rf"(?:{_W}[ ]){{0,4}}?{_W}[ ]{{1,2}}\d{{1,5}}[A-Za-z]?(?:[ ]?/[ ]?\d{{1,4}}[A-Za-z]?|[ ]m\.?[ ]?\d{{1,4}}|[ ]lok\.?[ ]?\d{{1,4}})?(?!\w)"
)

_POSTCODES: Final = (
    # entity, pattern, score; the group `value` is the postcode, `place` the town beside it
    ("UK_POSTCODE", re.compile(
        r"(?<![\w-])(?P<value>(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d(?:\d|[ABEHMNPRV-Y])?|\d[A-HJKPS-UW])) ?\d[ABD-HJLNP-UW-Z]{2})(?![\w-])"), 0.6),
    ("POSTCODE", re.compile(
        r"(?<![\w-])(?P<value>[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d)(?![\w-])"), 0.55),
    ("POSTCODE", re.compile(
        rf"(?<![\w.,-])(?P<value>(?:[DFABIP]|CH|FL|AT|DE|L)-\d{{4,5}})(?: {{1,2}}(?P<place>{_CAP}(?:[ -](?:am|an der|im|bei|{_CAP})){{0,3}}))?(?![\w])"), 0.75),
    ("POSTCODE", re.compile(
        rf"(?<![\w.,/-])(?P<value>\d{{4}} ?[A-Z]{{2}}) {{1,2}}(?P<place>{_CAP}(?:[ -]{_CAP}){{0,3}})"), 0.7),
    ("POSTCODE", re.compile(
        rf"(?<![\w.,/-])(?P<value>\d{{2}}-\d{{3}}) {{1,2}}(?P<place>{_CAP}(?:[ -]{_CAP}){{0,3}})"), 0.75),
    ("POSTCODE", re.compile(
        rf"(?<![\w.,/-])(?P<value>\d{{4}}-\d{{3}})(?: {{1,2}}(?P<place>{_CAP}(?:[ -](?:de|do|da|dos|{_CAP})){{0,3}}))?(?![\w-])"), 0.5),
    ("POSTCODE", re.compile(r"(?<![\w.,/-])(?P<value>\d{5}-\d{3})(?![\w-])"), 0.5),
)  # fmt: skip
_TOWN: Final = re.compile(
    rf"(?<![\w.,/€$£#-])(?P<value>\d{{4,5}}|\d{{3}} \d{{2}})[ ]{{1,2}}(?P<place>{_CAP}(?:(?:[ ](?:am|an|der|im|bei|de|del|la|le|les|sur|en|di|da)|-)?[ -]?[ -]{_CAP}){{0,3}})"
)
_ZIP: Final = re.compile(r"(?<![\w.,/$€£#-])(?P<value>\d{5}(?:-\d{4})?)(?![\w,.-]*\d)(?!\w)")
_TOPICS: Final = frozenset({"POSTCODE"})
_NEAR: Final = 60


def find_addresses(sight: Sight) -> Iterator[Candidate]:
    """Addresses and their parts. Most begin or end with a number."""
    if not sight.has_digit:
        return
    streets = sorted(_streets(sight.text), key=lambda found: found.start)
    yield from streets
    yield from _postcodes(sight, streets)


def _streets(text: str) -> Iterator[Candidate]:
    for found in _ENGLISH.finditer(text):
        score = _english_score(found)
        if score:
            yield _address(found, score, "english")
    for name, pattern, score in (
        ("unit", _UNIT_ALONE, 0.6), ("box", _BOX, 0.8), ("military", _MILITARY, 0.9),
        ("german", _GERMAN, 0.85), ("french", _FRENCH_LOWER, 0.85), ("dutch", _DUTCH, 0.85),
        ("polish", _POLISH, 0.9),
    ):  # fmt: skip
        for found in pattern.finditer(text):
            if name != "german" or not _ordinary(found.group()):
                yield _address(found, score, name)
    for found in _ROMANCE.finditer(text):
        numbered = bool(found["no"]) or any(c.isdigit() for c in found["after"] or "")
        if numbered:
            yield _address(found, 0.8, "romance")


def _english_score(found: re.Match[str]) -> float:
    """An ordinary word before the suffix makes no street: `3 days on the road`."""
    words = [word for word in found["words"].split() if word[0].isalpha()]
    if any(folded(word) in stop_words() for word in words):
        return 0.0
    capitals = all(word[0].isupper() for word in words)
    if _SURE.fullmatch(found["suffix"]) is not None:
        return 0.85 if capitals else 0.6 * (not any(folded(w) in common_words() for w in words))
    return 0.55 * (capitals and found["suffix"][0].isupper())


def _ordinary(street: str) -> bool:
    """`During 1971` ends like a street and is none."""
    first = folded(street.split()[0])
    return " " not in street.rsplit(" ", 1)[0] and (
        first in common_words() or first in stop_words()
    )


def _address(found: re.Match[str], score: float, name: str) -> Candidate:
    return Candidate("STREET_ADDRESS", found.start(), found.end(), score, f"address:{name}", "form")


def _postcodes(sight: Sight, streets: list[Candidate]) -> Iterator[Candidate]:
    for found in _CITY_STATE_ZIP.finditer(sight.text):
        yield _part("LOCATION", found, "city", 0.75)
        yield _part("LOCATION", found, "state", 0.75)
        yield _part("POSTCODE", found, "zip", 0.85)
    for found in _CITY_STATE.finditer(sight.text):
        yield _part("LOCATION", found, "city", 0.6)
        yield _part("LOCATION", found, "state", 0.6)
    for entity, pattern, score in _POSTCODES:
        for found in pattern.finditer(sight.text):
            told = sight.told(_TOPICS, *found.span("value"))
            yield _part(entity, found, "value", score if told is None else 0.85)
            if found.groupdict().get("place"):
                yield _part("LOCATION", found, "place", score)
    for pattern in (_TOWN, _ZIP):
        for found in pattern.finditer(sight.text):
            yield from _beside(sight, streets, found)


def _beside(sight: Sight, streets: list[Candidate], found: re.Match[str]) -> Iterator[Candidate]:
    """Bare digits are a postcode beside a street or a word that says so."""
    near = any(
        abs(found.start() - street.end) < _NEAR or abs(street.start - found.end()) < _NEAR
        for street in streets
    )
    if near or sight.told(_TOPICS, *found.span("value")) is not None:
        yield _part("POSTCODE", found, "value", 0.65)
        if found.groupdict().get("place"):
            yield _part("LOCATION", found, "place", 0.6)


def _part(entity: str, found: re.Match[str], group: str, score: float) -> Candidate:
    return Candidate(entity, *found.span(group), score, "address:postcode", "form")
