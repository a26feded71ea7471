"""Accounts of each role on a server under test."""

import json

ADMIN = {"ADMIN_EMAIL": "root@example.com", "ADMIN_PASSWORD": "Rooted123"}


class People:
    """An account of each role on one server; new: whether they are made, or were on an earlier server of the folder."""

    def __init__(self, server, new=True):
        self.server = server
        self.tokens = {}
        answer = self.call(None, "POST", "/api/auth/login", {"username": "admin", "password": "Rooted123"})[1]
        self.tokens["admin"] = answer["access_token"]
        for role in ("viewer", "analyst"):
            account = {"username": role, "email": f"{role}@example.com", "password": "Test1234"}
            if not new:
                self.tokens[role] = self.call(None, "POST", "/api/auth/login", account)[1]["access_token"]
                continue
            answer = self.call(None, "POST", "/api/auth/register", account)[1]
            self.tokens[role] = answer["access_token"]
            path = f"/api/users/{answer['user']['id']}"
            assert self.call("admin", "PUT", path, {"role": role})[0] == 200

    def raw(self, role, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if role:
            headers["Authorization"] = f"Bearer {self.tokens[role]}"
        return self.server.request(method, path, json.dumps(body) if body is not None else None, headers)

    def call(self, role, method, path, body=None):
        status, _, text = self.raw(role, method, path, body)
        return status, json.loads(text) if text else None


def log(people, **more):
    """An anomaly that the analyst logs."""
    body = {"source": "log", "anomaly_score": 0.9, **more}
    status, anomaly = people.call("analyst", "POST", "/api/anomalies/", body)
    assert status == 201, anomaly
    return anomaly
