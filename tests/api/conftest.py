"""A program at the API's door, signed in as a member."""

import json

import pytest
from django.test import Client

from tests.factories.accounts import make_member, make_organisation


class Program:
    """Asks in JSON; ``status`` and the answer's body come back together."""

    def __init__(self, member):
        self.member = member
        self.http = Client()
        self.http.force_login(member.user)

    def ask(self, method, path, body=None, **headers):
        data = json.dumps(body) if body is not None else None
        answer = self.http.generic(method, f"/api/v1{path}", data or "", content_type="application/json", **headers)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status_code, (json.loads(answer.content) if is_json and answer.content else None)

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, body=None):
        return self.ask("POST", path, {} if body is None else body)


@pytest.fixture
def organisation():
    return make_organisation()


@pytest.fixture
def program(organisation):
    return Program(make_member(organisation, role="admin"))
