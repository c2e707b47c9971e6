"""Names of people by the way they stand in text: titles, greetings, introductions, sign-offs.

Nothing here needs a model. A list of given names helps where the standing alone says too little.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import (
    common_words,
    given_names,
    places,
    stop_words,
    surnames,
)
from privacy_service.detection.namelike import PARTICLES
from privacy_service.detection.sight import Sight
from privacy_service.detection.words import folded

_CAP = r"[A-ZÀ-ÖØ-ÞŁŚŻŹĆŠŽČ][^\W\d_]*(?:['’\-][^\W\d_]+)*"
_INITIAL = r"[A-ZÀ-Þ]\.?"
_PARTICLE = (
    r"(?:de|del|della|delle|dei|degli|di|da|do|dos|das|du|des|la|le|las|los|el|al|bin|ibn|ben|abu|van|"
    r"von|vom|zu|zur|zum|der|den|ter|ten|te|op|af|av|y|e|und|d['’]|l['’]|O['’]|St\.?)"
)
_FULL = rf"{_CAP}(?:[ ](?:{_PARTICLE}[ ]){{0,3}}(?:{_CAP}|{_INITIAL}(?!\w))){{0,3}}"

_TITLE: Final = re.compile(
    r"(?<!\w)(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam|Lord|Lady|Rev|Reverend|Father|Sister|Brother|"
    r"Capt|Captain|Sgt|Sergeant|Lt|Col|Gen|Officer|Detective|Judge|Justice|Senator|Nurse|Doctor|Coach|Aunt|Uncle|"
    r"Herr|Herrn|Frau|Fr|Hr|Fräulein|Dipl\.-Ing|Ing|Mag|"
    r"M|MM|Mme|Mlle|Me|Monsieur|Madame|Mademoiselle|Maître|Docteur|"
    r"Sr|Sra|Srta|Don|Doña|Señor|Señora|Señorita|Dra|Lic|"
    r"Sig|Sigra|Sig\.ra|Signor|Signora|Signorina|Dott|Dott\.ssa|Dottor|Dottoressa|Avv|Geom|"
    r"Dhr|De heer|Mevr|Mevrouw|Mw|Meneer|Drs|Mr\.dr|"
    r"Senhor|Senhora|Exmo|Exma|Dona|Eng|"
    r"Pan|Pani|Pana|Panu|Państwo|Mgr|Inż|dr hab|lek|"
    r"mr|mrs|ms|dr|prof|herr|frau|sr|sra|dhr|mevr|pan|pani)"
    rf"\.?[ ](?:(?:Dr|Prof|med|jur|dent|hab|h\.c|Ing)\.[ ]?){{0,3}}(?P<value>(?:{_PARTICLE}[ ]){{0,2}}{_FULL})"
)
_INTRODUCTIONS: Final = re.compile(
    r"(?<!\w)(?:my (?:full |first |last |legal |real )?name(?:['’]s| is|:)|name['’]s|i am called|call me|i['’]m called|"
    r"(?:his|her|their|its|whose|the (?:patient|customer|client|caller)['’]?s?) (?:full |first |last |maiden )?name(?: is| was|['’]s)|"
    r"(?:named|called|a (?:man|woman|guy|girl|person) named|known as|goes by|signed by|written by|spoke (?:to|with)|speaking (?:to|with)|"
    r"i['’]?m|i am|this is|it['’]s|attn:?|attention:?|c/o|care of|on behalf of|follow up with|met with|meeting with|"
    r"ich heiße|ich heisse|mein name ist|mein name:|ich bin|hier ist|hier spricht|namens|"
    r"je m['’]appelle|mon nom est|je suis|je me nomme|nommée?|ici|"
    r"me llamo|mi nombre es|mi nombre:|soy|se llama|llamad[oa]|a nombre de|"
    r"mi chiamo|il mio nome è|il mio nome e|sono|si chiama|chiamat[oa]|"
    r"mijn naam is|ik heet|ik ben|genaamd|"
    r"meu nome é|meu nome e|me chamo|chamo-me|eu sou|o meu nome é|chamad[oa]|"
    r"nazywam się|mam na imię|jestem|z tej strony|o imieniu))[ ,:]{1,3}(?P<value>(?i:[^\W\d_][^\W\d_'’\-]*(?:[ ][^\W\d_][^\W\d_'’\-]*\.?){0,3}))",
    re.IGNORECASE,
)
_SURE_INTRODUCTION: Final = re.compile(
    r"(?:name|heiße|heisse|appelle|nom|nombre|llam|chiam|naam|heet|nome|cham|nazywam|imi|nomm|named|called)",
    re.IGNORECASE,
)
_GREETING: Final = re.compile(
    r"(?:^|(?<=[\n.!?>\"“'] )|(?<=[\n\"“'>:]))[ \t]{0,4}(?:Dear|Hi|Hello|Hey|Hiya|Yo|Good (?:morning|afternoon|evening)|Greetings|Welcome|Welcome back|Thanks|Thank you|Congratulations|Sorry|"
    r"Hallo|Liebe|Lieber|Sehr geehrte|Sehr geehrter|Guten Tag|Guten Morgen|Moin|Servus|Grüezi|"
    r"Bonjour|Bonsoir|Salut|Cher|Chère|Coucou|Merci|"
    r"Hola|Estimad[oa]|Querid[oa]|Buenos días|Buenas tardes|Gracias|Apreciad[oa]|"
    r"Ciao|Buongiorno|Buonasera|Gentile|Egregio|Spett\.le|Car[oa]|Salve|Grazie|"
    r"Beste|Geachte|Lieve|Goedemorgen|Goedemiddag|Dag|Hoi|"
    r"Olá|Oi|Prezad[oa]|Car[oa]|Bom dia|Boa tarde|Obrigad[oa]|"
    r"Cześć|Dzień dobry|Szanown[ya]|Witaj|Hej|Drog[ia]|Kochan[ya])"
    r"(?:[ ](?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Monsieur|Madame|Señor|Señora|Sr|Sra|Signor|Signora|Sig|Dott|heer|mevrouw|Senhor|Senhora|Pan|Pani|Panie|again|there|dear|my)\.?)?"
    rf"[ ,]{{1,2}}(?P<value>{_FULL})(?=[ ]?[,.!:;\n–—-]|$| and | und | et | y | e )",
)
_SIGN_OFF: Final = re.compile(
    r"(?:^|\n|[.!?] )[ \t]{0,4}(?:Best|Best regards|Best wishes|Kind regards|Warm regards|Warmest regards|Warmly|Regards|Rgds|Many thanks|Thanks|Thank you|Thx|Thanks again|Thanks in advance|Cheers|Sincerely|Sincerely yours|Yours sincerely|Yours truly|Yours faithfully|Yours|Respectfully|Cordially|Love|xoxo|Take care|All the best|Signed|Talk soon|"
    r"Mit freundlichen Grüßen|Mit freundlichen Grüssen|Mit freundlichem Gruß|Freundliche Grüße|Freundliche Grüsse|Viele Grüße|Viele Grüsse|Beste Grüße|Liebe Grüße|Herzliche Grüße|Herzliche Grüsse|Hochachtungsvoll|MfG|VG|LG|Gruß|Grüße|"
    r"Cordialement|Bien cordialement|Bien à vous|Sincères salutations|Salutations|Salutations distinguées|Meilleures salutations|Amicalement|Bises|Merci|"
    r"Saludos|Saludos cordiales|Un saludo|Un cordial saludo|Atentamente|Cordialmente|Gracias|Muchas gracias|Un abrazo|Atte\.?|"
    r"Cordiali saluti|Distinti saluti|Saluti|Un saluto|Grazie|Grazie mille|Un abbraccio|In fede|"
    r"Met vriendelijke groet|Met vriendelijke groeten|Vriendelijke groet|Groet|Groeten|Groetjes|Hoogachtend|Mvg|Bedankt|"
    r"Atenciosamente|Cumprimentos|Com os melhores cumprimentos|Melhores cumprimentos|Abraço|Abraços|Obrigad[oa]|Att\.?|"
    r"Pozdrawiam|Z poważaniem|Z wyrazami szacunku|Serdecznie pozdrawiam|Pozdrowienia|Dziękuję|Dzięki|[-–—~])"
    rf"[,.!]{{0,2}}[ \t]{{0,4}}(?:\n[ \t]{{0,4}}){{0,3}}(?P<value>{_FULL})[ \t]{{0,4}}(?=\n|$|[,|]|\.?\s*$)",
)
_REVERSED: Final = re.compile(
    rf"(?<![\w.])(?P<value>(?P<last>{_CAP}),[ ](?P<first>{_CAP})(?:[ ]{_INITIAL}(?!\w)|[ ]{_CAP})?)(?!\w)"
)
_BEFORE_MAIL: Final = re.compile(
    rf"(?P<value>{_FULL})[ ]{{0,2}}[<(\[]{{1,2}}(?:mailto:)?[\w.+-]{{1,64}}@"
)
_SPEAKER: Final = re.compile(
    rf"(?:^|\n)[ \t\[]{{0,3}}(?:[\d:,. -]{{4,20}}\]?[ ])?(?P<value>{_FULL})(?:[ ]\([^)\n]{{1,30}}\))?:[ ](?=\S)"
)
_RUN: Final = re.compile(rf"(?<![\w@./\\-]){_FULL}(?![\w@\\/])")
_LOCAL_PART: Final = re.compile(r"(?P<local>[A-Za-z][A-Za-z._\-]{2,40})\d{0,4}@")

_HEADINGS: Final = frozenset("re fw fwd aw wg subject".split())


def find_names(sight: Sight) -> Iterator[Candidate]:
    """Names of people, by standing and by given name."""
    text = sight.text
    yield from _introduced(text)
    for name, pattern, score in (
        ("title", _TITLE, 0.85), ("greeting", _GREETING, 0.75), ("sign_off", _SIGN_OFF, 0.7),
        ("before_mail", _BEFORE_MAIL, 0.85),
    ):  # fmt: skip
        for found in pattern.finditer(text):
            yield from _trimmed(text, *found.span("value"), score, name)
    yield from _reversed(text)
    yield from _speakers(sight)
    yield from _known(text)
    if "@" in text:
        yield from _named_in_mail(text)


def _introduced(text: str) -> Iterator[Candidate]:
    for found in _INTRODUCTIONS.finditer(text):
        sure = _SURE_INTRODUCTION.search(found.group()[: found.start("value") - found.start()])
        start, end = found.span("value")
        value = found["value"]
        if value[0].isupper():
            yield from _trimmed(text, start, end, 0.85 if sure else 0.6, "introduction")
        elif sure:
            yield from _lower_case(text, start, end)


def _lower_case(text: str, start: int, end: int) -> Iterator[Candidate]:
    """`my name is maria gonzales and …`: the words up to the first that is no name."""
    stop = start
    for found in re.finditer(r"[^\W\d_][^\s]*", text[start:end]):
        word = folded(found.group())
        if word in stop_words() or word in common_words() or found.end() - found.start() < 2:
            break
        stop = start + found.end()
        if stop - start > 40:
            break
    if stop > start:
        yield Candidate("PERSON", start, stop, 0.7, "name:introduction", "introduced")


def _trimmed(text: str, start: int, end: int, score: float, how: str) -> Iterator[Candidate]:
    """The run of capitals without the words at its ends that are no names."""
    value = text[start:end]
    parts = [(m.start(), m.end(), folded(m.group())) for m in re.finditer(r"[^\s]+", value)]
    while parts and _no_name(parts[-1][2].strip(".,")):
        parts.pop()
    while parts and _no_name(parts[0][2].strip(".,")):
        return
    for index, (_, _, word) in enumerate(parts):
        if index and _no_name(word.strip(".,")) and word not in PARTICLES:
            parts = parts[:index]
            break
    if parts and any(part[1] - part[0] > 1 for part in parts):
        last = parts[-1][1]
        trimmed = value[:last].rstrip(".,") if len(parts[-1][2]) > 2 else value[:last]
        yield Candidate("PERSON", start, start + len(trimmed), score, f"name:{how}", how)


def _no_name(word: str) -> bool:
    return (word in stop_words() or word in common_words()) and word not in given_names()[0]


def _reversed(text: str) -> Iterator[Candidate]:
    """`Gonzales, Maria`: the second is a given name, the first no word."""
    given, ambiguous = given_names()
    for found in _REVERSED.finditer(text):
        first, last = folded(found["first"]), folded(found["last"])
        if first in given and last not in common_words() and last not in stop_words():
            score = (
                0.7
                if last in surnames() or (first not in ambiguous and last not in given)
                else 0.36
            )
            yield Candidate("PERSON", *found.span("value"), score, "name:reversed", "given name")


def _speakers(sight: Sight) -> Iterator[Candidate]:
    """`Anna: …` at the beginning of lines, where the same page has several or the name is known."""
    given = given_names()[0]
    found = [
        one
        for one in _SPEAKER.finditer(sight.text)
        if not _label_word(one["value"]) and not sight.table.knows(one["value"])
    ]
    said = Counter(one["value"] for one in found)
    for one in found:
        words = [folded(word) for word in one["value"].split()]
        if any(word in given for word in words):
            yield Candidate("PERSON", *one.span("value"), 0.7, "name:speaker", "given name")
        elif said[one["value"]] > 1 and len(words) <= 3 and not one["value"].isupper():
            yield Candidate("PERSON", *one.span("value"), 0.45, "name:speaker", "speaker")


def _label_word(value: str) -> bool:
    return any(
        folded(word) in common_words() or folded(word) in stop_words() or folded(word) in _HEADINGS
        for word in value.split()
    )


def _known(text: str) -> Iterator[Candidate]:
    """Runs of capitalized words of which one is a given name."""
    given, ambiguous = given_names()
    sure_places, _ = places()
    for found in _RUN.finditer(text):
        parts = [
            (m.start(), m.end(), folded(m.group())) for m in re.finditer(r"[^ ]+", found.group())
        ]
        for index, (start, _end, word) in enumerate(parts):
            bare = word.rstrip(".")
            if bare not in given or (len(bare) < 4 and found.group()[start:_end].isupper()):
                continue
            last = _surname_end(parts, index)
            rest = [p[2].rstrip(".") for p in parts[index + 1 : last + 1]]
            value = (found.start() + start, found.start() + parts[last][1])
            if not rest:
                score = 0.0 if bare in ambiguous or bare in sure_places else 0.45
            elif any(w in surnames() or w in given for w in rest if len(w) > 1):
                score = 0.8
            else:
                score = 0.45 if bare in ambiguous else 0.65
            if score:
                yield Candidate("PERSON", *value, score, "name:given", "given name")
            break


def _surname_end(parts: list[tuple[int, int, str]], index: int) -> int:
    """The last of the up to three words after a given name that may be of the name."""
    last = index
    for at in range(index + 1, min(len(parts), index + 5)):
        word = parts[at][2].rstrip(".")
        if word in PARTICLES and at + 1 < len(parts) and len(word) > 1:
            continue
        if word in common_words() or word in stop_words():
            break
        last = at
    return last


def _named_in_mail(text: str) -> Iterator[Candidate]:
    """`John Miller` where `john.miller@…` stands in the same text."""
    wanted: set[str] = set()
    for found in _LOCAL_PART.finditer(text):
        pieces = [p for p in re.split(r"[._\-]+", found["local"].lower()) if len(p) > 2]
        if len(pieces) > 1 or (pieces and pieces[0] in given_names()[0]):
            wanted.update(piece for piece in pieces if piece not in common_words())
    if not wanted:
        return
    run: tuple[int, int] | None = None
    for found in re.finditer(r"(?<![\w@.])[^\W\d_]{3,}(?![\w@]|\.\w)", text):
        if folded(found.group()) in wanted and found.group()[0].isupper():
            if run and found.start() - run[1] <= 1:
                run = (run[0], found.end())
                continue
            if run:
                yield Candidate("PERSON", *run, 0.7, "name:mail", "e-mail address")
            run = found.span()
    if run:
        yield Candidate("PERSON", *run, 0.7, "name:mail", "e-mail address")
