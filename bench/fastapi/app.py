"""The documented pipeline as a minimal FastAPI service with ripser.py and scikit-learn, for `make bench-service`.

A window of 50 events, a delay embedding in three dimensions as ours has it, persistent homology up to voids, Betti numbers
by lifetimes above mean + 2 sigma, an isolation forest that is trained on the first full window, and the score from both.
No accounts, no store, no explanation: what is left is what any such service has to compute for each event."""

import collections
import json

import numpy
import ripser
from fastapi import FastAPI, Request, Response
from sklearn.ensemble import IsolationForest

WINDOW = 50
LAG = 4


class Stream:
    def __init__(self):
        self.values = collections.deque(maxlen=WINDOW)
        self.forest = None
        self.usual = None

    def push(self, value):
        self.values.append(value)
        if len(self.values) < WINDOW:
            return None
        window = numpy.array(self.values)
        cloud = numpy.lib.stride_tricks.sliding_window_view(window, 2 * LAG + 1)[:, ::LAG]
        diagrams = ripser.ripser(cloud, maxdim=2)["dgms"]
        betti = [self.count(diagram) for diagram in diagrams]
        features = numpy.array([[window[-1], window.mean(), window.std()]])
        if self.forest is None:
            rows = [[value, window.mean(), window.std()] for value in window]
            self.forest = IsolationForest(contamination=0.1, random_state=42).fit(rows)
            self.usual = betti
        topology = min(1.0, sum(abs(a - b) for a, b in zip(betti, self.usual)) / 10)
        outlier = float(numpy.clip(0.5 - self.forest.decision_function(features)[0], 0, 1))
        score = 0.5 * topology + 0.5 * outlier
        return {"betti_numbers": dict(zip(("h0", "h1", "h2"), betti)), "anomaly_score": score, "is_anomaly": score > 0.5}

    @staticmethod
    def count(diagram):
        lifetimes = diagram[:, 1] - diagram[:, 0]
        finite = lifetimes[numpy.isfinite(lifetimes)]
        essential = len(lifetimes) - len(finite)
        return essential + (int((finite > finite.mean() + 2 * finite.std()).sum()) if len(finite) else 0)


app = FastAPI()
streams = collections.defaultdict(Stream)


@app.post("/api/ingest")
async def ingest(request: Request):
    results = []
    for line in (await request.body()).splitlines():
        event = json.loads(line)
        verdict = streams[event["source"]].push(event["value"])
        results.append({"status": "analyzed" if verdict else "buffering", **(verdict or {})})
    # As our client counts them, without a blank after the colon.
    body = json.dumps({"accepted": len(results), "results": results}, separators=(",", ":"))
    return Response(body, media_type="application/json")
