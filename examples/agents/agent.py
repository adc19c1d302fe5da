"""An agent in Python, with nothing but the standard library, that streams its answer into a Callboard session.

    python3 agent.py --url http://127.0.0.1:3000 --session ID < text

It says each line of its standard input as a piece of the answer. It keeps what the server may still lose, and pushes it
again after a lost connection or a restart of the server. docs/agents.md explains the protocol.
"""

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
import uuid

PATIENCE_S = 60


class Refused(Exception):
    """The server refused, and says why. `turn` tells how far the turn is."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body.get('message', 'no reason')}")
        self.status = status
        self.turn = body.get("turn")
        self.may_retry = status in (429, 502, 503, 504)


class Agent:
    """One answer. `text`, `tool_call` and the others return once the server has received them."""

    def __init__(self, url, session, name, key=None):
        self.url = url.rstrip("/")
        self.key = key
        # With the same Idempotency-Key a repetition gets the same turn, so it may be sent again.
        started = self._send(
            "POST",
            f"/chat-sessions/{session}/turns",
            {"agent": name},
            {"Idempotency-Key": str(uuid.uuid4())},
        )
        self.turn = started["turnId"]
        self.lease = started["lease"]
        self.said = 0  # the number of the last part
        self.received = 0  # what the server has
        self.kept = []  # what a crash of the server could take back

    def text(self, text):
        return self.push({"type": "text", "text": text})

    def reasoning(self, text):
        return self.push({"type": "reasoning", "text": text})

    def tool_call(self, call_id, name, arguments, needs_approval=False):
        part = {"type": "tool-call", "callId": call_id, "name": name, "arguments": arguments}
        return self.push({**part, "needsApproval": needs_approval})

    def tool_result(self, call_id, result, failed=False):
        part = {"type": "tool-result", "callId": call_id, "result": result}
        return self.push({**part, "failed": failed})

    def decision(self, call_id):
        """Waits until a person has decided about a call; returns `approved`, `denied` or `expired`."""
        while True:
            # An empty push renews the lease, too.
            self.push()
            state = self._send("GET", f"/turns/{self.turn}?wait=10000")
            for one in state.get("decisions", []):
                if one["callId"] == call_id and one["decision"] != "pending":
                    return one["decision"]

    def push(self, *parts):
        """Raises Refused when a part is refused: then it, and what came after it, was not said."""
        for part in parts:
            self.said += 1
            self.kept.append({**part, "seq": self.said})
        while True:
            left = [part for part in self.kept if part["seq"] > self.received]
            try:
                progress = self._going_on(lambda: self._post("parts", {"parts": left}))
            except Refused as refused:
                if refused.status in (400, 413):
                    self._take_back(refused.turn)
                raise
            if progress is not None and self.received >= self.said:
                return progress

    def finish(self, **end):
        return self._end("finish", end)

    def fail(self, error):
        return self._end("fail", {"error": error})

    def _end(self, how, body):
        while True:
            self.push()
            ended = self._going_on(lambda: self._post(how, {"seq": self.said, **body}))
            if ended is not None:
                return ended

    def _going_on(self, send):
        """Returns the answer; or None when the server has less than it had, so that the rest must be pushed again."""
        try:
            progress = send()
        except Refused as refused:
            turn = refused.turn
            if refused.status != 409 or turn is None or turn["status"] != "running":
                raise
            # It has what it had, so the same would be refused again.
            if turn["received"] >= self.received:
                raise
            self._heard(turn)
            return None
        self._heard(progress)
        return progress

    def _take_back(self, turn):
        """What was refused for good was not said, so that the agent can say something else, or that it has failed."""
        if turn is not None:
            self._heard(turn)
        self.said = self.received
        self.kept = [part for part in self.kept if part["seq"] <= self.received]

    def _heard(self, progress):
        self.received = progress["received"]
        self.kept = [part for part in self.kept if part["seq"] > progress["durable"]]

    def _post(self, what, body):
        return self._send("POST", f"/turns/{self.turn}/{what}", {"lease": self.lease, **body})

    def _send(self, method, path, body=None, headers=None):
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self._once(method, path, body, headers or {})
            except Refused as refused:
                if not refused.may_retry or time.monotonic() > until:
                    raise
            except OSError:
                # The connection is lost, or there is no server for a while.
                if time.monotonic() > until:
                    raise
            time.sleep(0.2)

    def _once(self, method, path, body, headers):
        request = urllib.request.Request(self.url + path, method=method, headers=headers)
        if self.key is not None:
            request.add_header("X-API-Key", self.key)
        data = None
        if body is not None:
            request.add_header("Content-Type", "application/json")
            data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            try:
                reason = json.load(error)
            except ValueError:
                reason = {}
            raise Refused(error.code, reason) from None
        except ValueError as error:
            # The connection was lost in the middle of the answer.
            raise OSError(str(error)) from None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:3000")
    parser.add_argument("--session", required=True)
    parser.add_argument("--agent", default="python")
    parser.add_argument("--key", help="API key")
    given = parser.parse_args()
    agent = Agent(given.url, given.session, given.agent, given.key)
    print(json.dumps({"turnId": agent.turn}), flush=True)
    for line in sys.stdin:
        print(json.dumps(agent.text(line)), flush=True)
    print(json.dumps(agent.finish()), flush=True)


if __name__ == "__main__":
    main()
