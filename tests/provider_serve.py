"""Canaille, a real identity provider, with three invented people and one client: run by an environment of its own.

Takes the port, the client's address, name and secret, and everybody's password; says 'ready' once it serves; ends when its input does.
"""

from __future__ import annotations

import sys
import threading

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server


def main(port: int, home: str, client_id: str, secret: str, password: str) -> None:
    """Serve until the input ends."""
    key = RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)
    app = create_app(
        config={
            "SECRET_KEY": "of one test",
            "SERVER_NAME": f"127.0.0.1:{port}",
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {"DATABASE": "memory", "FORCE_HTTPS": False, "CAPTCHA_ENABLED": False, "SMTP": None},
            "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True)], "TRUSTED_DOMAINS": []},
            "TEMPLATES_AUTO_RELOAD": False,
        }
    )
    with app.app_context(), Backend.instance.session():
        people = []
        for name, shown in (("jo", "jo bloggs"), ("sam", "sam visitor"), ("kim", "kim quiet")):
            person = models.User(
                user_name=name, formatted_name=shown, family_name=shown.split()[1], display_name=shown,
                emails=[f"{name}@force.example"], password=password,
            )  # fmt: skip
            Backend.instance.save(person)
            people.append(person)
        Backend.instance.save(models.Group(display_name="CAD-Handlers", members=[people[0]]))
        client = models.Client(
            client_id=client_id, client_secret=secret, client_name="Discoverer", client_uri=home,
            redirect_uris=[f"{home}/sign-in/back"], post_logout_redirect_uris=[f"{home}/sign-in"],
            token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - a way, no secret
                grant_types=["authorization_code"],
            response_types=["code"], id_token_signed_response_alg="RS256",  # noqa: S106 - a way of signing
            scope=["openid", "profile", "groups"],
        )  # fmt: skip
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
