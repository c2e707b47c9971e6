"""A time-stamp authority of RFC 3161 over HTTP, with its own root, for tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.publishing.http_server import Answer, served

POLICY = "1.3.6.1.4.1.99999.1"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass
class Authority:
    """Stamps what it is asked to. `at` is the time that it tells."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    asked: int = 0
    lies: bool = False
    """Whether it stamps something else than it was asked to."""

    def __post_init__(self) -> None:
        self._root_key = rsa.generate_private_key(65537, 2048)
        self._key = rsa.generate_private_key(65537, 2048)
        self.root = self._certificate("Root", self._root_key, is_root=True)
        self.certificate = self._certificate("Stamps", self._key, is_root=False)

    def _certificate(self, name: str, key: rsa.RSAPrivateKey, *, is_root: bool) -> x509.Certificate:
        built = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name("Root"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.at - timedelta(days=1))
            .not_valid_after(self.at + timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        )
        if not is_root:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            built = built.add_extension(usage, critical=True)
        return built.sign(self._root_key, hashes.SHA256())

    def write_roots(self, path: Path) -> Path:
        path.write_bytes(self.root.public_bytes(serialization.Encoding.PEM))
        return path

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The URL at which it answers."""

        def answer(path: str, body: bytes) -> Answer:
            self.asked += 1
            return Answer(200, self._stamp(body), "application/timestamp-reply")

        with served(answer) as url:
            yield url

    def _stamp(self, asked: bytes) -> bytes:
        request = tsp.TimeStampReq.load(asked)
        imprint = request["message_imprint"]
        if self.lies:
            imprint = tsp.MessageImprint(
                {"hash_algorithm": imprint["hash_algorithm"], "hashed_message": bytes(32)}
            )
        said = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": POLICY,
                "message_imprint": imprint,
                "serial_number": self.asked,
                "gen_time": core.GeneralizedTime(self.at),
                "nonce": request["nonce"],
            }
        )
        token = cms.ContentInfo({"content_type": "signed_data", "content": self._signed(said)})
        return tsp.TimeStampResp(
            {"status": {"status": "granted"}, "time_stamp_token": token}
        ).dump()

    def _signed(self, said: tsp.TSTInfo) -> cms.SignedData:
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        own = asn1_x509.Certificate.load(der)
        sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
        content = said.dump()
        signing = tsp.SigningCertificateV2(
            {"certs": [tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(der).digest()})]}
        )
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute(
                    {"type": "message_digest", "values": [hashlib.sha256(content).digest()]}
                ),
                cms.CMSAttribute({"type": "signing_certificate_v2", "values": [signing]}),
            ]
        )
        signature = self._key.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256())
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    "issuer_and_serial_number",
                    {"issuer": own.issuer, "serial_number": own.serial_number},
                ),
                "digest_algorithm": sha256,
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
                "signature": signature,
            }
        )
        return cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [sha256],
                "encap_content_info": {"content_type": "tst_info", "content": said},
                "certificates": [own],
                "signer_infos": [signer],
            }
        )
