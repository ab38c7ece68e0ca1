"""The addresses of the shell: home, sign-in, preferences."""
# ruff: noqa: ARG005 -- every entry has the same form

from tests.web.sealed import Call

TABLE = {
    "home": lambda me, of: [Call()],
    "sign-in": lambda me, of: [Call(data={"email": of["member"].user.email, "password": "wrong"})],
    # Signing out would end the sweep.
    "sign-out": lambda me, of: [Call(method="GET")],
    "preferences-language": lambda me, of: [Call(data={"language": "fr"})],
    "preferences-theme": lambda me, of: [Call(data={"theme": "dark"})],
    "preferences-organisation": lambda me, of: [Call(data={"organisation": of["organisation"].pk}, gone=True)],
}
