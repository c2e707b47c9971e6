"""The published examples of C2SP tlog-cosignature, tlog-witness and tlog-proof."""

from __future__ import annotations

import base64

import pytest

from privacy_service.evidence.checkpoint import Checkpoint, claimed
from privacy_service.evidence.cosignature import WitnessKey, cosigned_at, cosigned_message
from privacy_service.evidence.note import NoteInvalid
from privacy_service.evidence.tlog_proof import LogProof

BODY = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
LINES = (
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q"
    "1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2o"
    "yin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def test_the_message_that_a_witness_signs() -> None:
    assert cosigned_message(BODY, 1679315147) == (
        b"cosignature/v1\n"
        b"time 1679315147\n"
        b"example.com/behind-the-sofa\n"
        b"20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


def test_the_published_cosignature_tells_its_time() -> None:
    payload = base64.b64decode(LINES.splitlines()[1].rsplit(" ", 1)[1])
    assert payload[:4].hex() == "8d66cf3f"
    assert cosigned_at(payload[4:]) == 1679315147


def test_the_published_checkpoint_is_read() -> None:
    checkpoint = claimed(f"{BODY}\n{LINES}")
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text == BODY


def test_a_key_id_counts_the_signature_type() -> None:
    """The key of the signed-note specification has another id as a witness's key."""
    public = base64.b64decode("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")[1:]
    key = WitnessKey(name="example.com/foo", public_key=public)
    assert key.id.hex() != "530d903a"
    assert WitnessKey.parse(str(key)) == key
    with pytest.raises(NoteInvalid, match="signature type 4"):
        WitnessKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")


PROOF = f"""c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

{BODY}
{LINES}"""


def test_a_proof_laid_out_as_published_is_read_and_written_back() -> None:
    proof = LogProof.parse(PROOF)
    assert proof.index == 73894
    assert len(proof.hashes) == 5
    assert proof.leaf.startswith(b"age-v1.2.1-darwin")
    assert claimed(proof.note) == Checkpoint.parse(BODY)
    assert str(proof) == PROOF
