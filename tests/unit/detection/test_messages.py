"""Elements of standard messages are known by their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_service.detection.recognize import Recognizers
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Passage

RECOGNIZERS = Recognizers.load(DetectionSettings())

HL7 = (
    "MSH|^~\\&|LAB|NORTH|HIS|NORTH|20240312||ORU^R01|77|P|2.5.1\r"
    "PID|1||83-1177^^^NORTH^MR~536904399^^^US^SS||Okonjo^Ada^M||19620411083000|F|||"
    "14 Tide Row^^Brackwater^ON^K1A 0B1||030 901820^PRN\r"
    "NK1|1|Okonjo^Ben|BRO\r"
    "PV1|1|I|W4||||1122^Vasquez^Ines\r"
    "DG1|1||J45^asthma"
)
X12 = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240312*1253*^*00501"
    "*000000905*1*T*:~ST*834*0001~NM1*IL*1*OKONJO*ADA*M***34*536904399~"
    "NM1*P5*2*OKONJO TRADING*****FI*991~PER*IP*BEN OKONJO*HP*6135550143~"
    "N3*14 TIDE ROW~N4*BRACKWATER*ON*K1A0B1~DMG*D8*19620411*F~REF*0F*A77120034~"
)
EDIFACT = (
    "UNA:+.? 'UNB+UNOC:3+S:14+R:14+240312:1253+1'NAD+BY+++Ada O?'Konjo:second line+14 Tide Row"
    "+Brackwater++K1A 0B1+CA'CTA+IC+:Ben Okonjo'COM+?+49 30 901820:TE'DTM+329:19620411:102'"
)
CARD = (
    "BEGIN:VCARD\r\nVERSION:4.0\r\nN:Okonjo;Ada;Mary;;\r\nFN:Ada Okonjo\r\n"
    "ADR;TYPE=home:;;14 Tide Row;Brackwater;ON;K1A 0B1;Canada\r\nBDAY:19620411\r\n"
    "item1.TEL;VALUE=uri:tel:+49-30-901820\r\nEND:VCARD\r\n"
)
CALENDAR = (
    'BEGIN:VEVENT\nORGANIZER;CN="Okonjo, Ada":mailto:ada@example.com\n'
    "ATTENDEE;ROLE=CHAIR;CN=Ben Okonjo;RSVP=TRUE:mailto:ben@example.com\nEND:VEVENT\n"
)
DIRECTORY = (
    "dn: uid=aokonjo,ou=people,dc=example,dc=com\nobjectClass: person\ncn: Ada Okonjo\n"
    "sn: Okonjo\nl: Brackwater\nmobile: 030 901820\n"
)
PAYMENT = (
    ":20:7712\n:50K:/GB82WEST12345698765432\nADA OKONJO\n14 TIDE ROW\nBRACKWATER\n"
    ":59:/DE89370400440532013000\nBen Okonjo\n:70:INVOICE 44\n"
)


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        (HL7, "83-1177", "MEDICAL_ID"),
        (HL7, "536904399", "US_SSN"),
        (HL7, "Okonjo", "PERSON"),
        (HL7, "Ada", "PERSON"),
        (HL7, "19620411", "DOB"),
        (HL7, "14 Tide Row", "STREET_ADDRESS"),
        (HL7, "Brackwater", "LOCATION"),
        (HL7, "K1A 0B1", "POSTCODE"),
        (HL7, "030 901820", "PHONE_NUMBER"),
        (HL7, "Ben", "PERSON"),
        (HL7, "Vasquez", "PERSON"),
        (HL7, "asthma", "HEALTH_CONDITION"),
        (X12, "OKONJO", "PERSON"),
        (X12, "536904399", "US_SSN"),
        (X12, "BEN OKONJO", "PERSON"),
        (X12, "6135550143", "PHONE_NUMBER"),
        (X12, "14 TIDE ROW", "STREET_ADDRESS"),
        (X12, "BRACKWATER", "LOCATION"),
        (X12, "19620411", "DOB"),
        (X12, "A77120034", "MEDICAL_ID"),
        (EDIFACT, "14 Tide Row", "STREET_ADDRESS"),
        (EDIFACT, "Brackwater", "LOCATION"),
        (EDIFACT, "Ben Okonjo", "PERSON"),
        (EDIFACT, "19620411", "DOB"),
        (CARD, "Okonjo", "PERSON"),
        (CARD, "14 Tide Row", "STREET_ADDRESS"),
        (CARD, "Brackwater", "LOCATION"),
        (CARD, "19620411", "DOB"),
        (CARD, "+49-30-901820", "PHONE_NUMBER"),
        (CALENDAR, "Okonjo, Ada", "PERSON"),
        (CALENDAR, "Ben Okonjo", "PERSON"),
        (CALENDAR, "ben@example.com", "EMAIL_ADDRESS"),
        (DIRECTORY, "aokonjo", "USERNAME"),
        (DIRECTORY, "Okonjo", "PERSON"),
        (DIRECTORY, "Brackwater", "LOCATION"),
        (DIRECTORY, "030 901820", "PHONE_NUMBER"),
        (PAYMENT, "ADA OKONJO", "PERSON"),
        (PAYMENT, "14 TIDE ROW", "STREET_ADDRESS"),
        (PAYMENT, "BRACKWATER", "LOCATION"),
        (PAYMENT, "Ben Okonjo", "PERSON"),
    ],
)
def test_an_element_is_what_its_place_says(text: str, value: str, entity: str) -> None:
    found = RECOGNIZERS.find(Passage(text=text))
    claimed = {
        text[one.start : one.end] for one in found if one.entity == entity and one.score >= 0.4
    }
    assert value in claimed


@pytest.mark.parametrize("value", ["OKONJO TRADING", "second line"])
def test_what_no_place_speaks_for_is_not_claimed_by_its_place(value: str) -> None:
    for text in (X12, EDIFACT):
        for one in RECOGNIZERS.find(Passage(text=text)):
            if one.detector.startswith("message:"):
                assert text[one.start : one.end] != value


_BEGINNINGS = st.sampled_from(
    ["MSH|^~\\&|", "ISA*", "UNA:+.? 'UNB+", "BEGIN:VCARD\n", "BEGIN:VEVENT\n", "dn: a\n", ":50K:"]
)
_PIECES = st.lists(
    st.sampled_from(
        ["|", "^", "~", "*", "'", "?", "+", ":", ";", "\r", "\n", "PID", "NAD", "N:", "Ada", '"',
         "ATTENDEE;CN=", "uid=", ",", "19620411", ":59:", "/", "\\", " "]
    ),
    max_size=60,
)  # fmt: skip


@given(_BEGINNINGS, _PIECES)
def test_broken_messages_are_read_as_far_as_they_go(beginning: str, pieces: list[str]) -> None:
    text = beginning + "".join(pieces)
    for one in RECOGNIZERS.find(Passage(text=text)):
        assert 0 <= one.start < one.end <= len(text)
