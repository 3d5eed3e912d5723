"""A certificate of this machine and an invented name, made by openssl."""

from __future__ import annotations

import subprocess
from pathlib import Path

from discoverer.web.binding import Tls

NAME = "discoverer.example.test"


def self_signed(folder: Path) -> Tls:
    """Make a key and its certificate in a folder."""
    made = Tls(folder / "cert.pem", folder / "key.pem")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},DNS:localhost,IP:127.0.0.1"),
            *("-keyout", str(made.key), "-out", str(made.certificate)),
        ],
        check=True,
        capture_output=True,
    )
    made.key.chmod(0o600)
    return made
