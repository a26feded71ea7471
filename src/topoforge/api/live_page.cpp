#include "topoforge/api/live_page.hpp"

#include <string>

#include "topoforge/adapters/http/static_asset.hpp"

namespace topoforge::api {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

constexpr std::string_view kHtml = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TopoForge</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/live.css">
<script src="/assets/live.js" defer></script>
</head>
<body>
<header>
  <h1>TopoForge</h1>
  <p>Watches streams of numeric events and says when the <em>shape</em> of the data leaves normal.</p>
  <p class="status"><span id="dot" class="dot"></span><span id="state" role="status">connecting</span></p>
</header>
<main>
  <section>
    <h2>Post an event</h2>
    <pre id="curl"></pre>
    <p>A stream gets its first verdict when its window is full; anomalies are kept for
       accounts to read: <a href="/docs">/docs</a> tells how. The server's own state is at <a href="/health">/health</a>.</p>
  </section>
  <section>
    <h2>Last analyses</h2>
    <table>
      <thead><tr><th>Time</th><th>Stream</th><th>Score</th><th>Risk</th><th>H0 H1 H2</th><th>What was seen</th></tr></thead>
      <tbody id="rows"><tr id="none"><td colspan="6">Nothing yet: post some events.</td></tr></tbody>
    </table>
  </section>
</main>
</body>
</html>
)html";

constexpr std::string_view kCss = R"css(:root {
  color-scheme: light dark;
  --ink: #1c2430; --soft: #5b6778; --paper: #f7f8fa; --card: #ffffff; --line: #dde2ea; --accent: #3056d3;
  --low: #3f8f5f; --medium: #b7860b; --high: #d0601b; --critical: #c2233b;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf0; --soft: #9aa6b6; --paper: #12161c; --card: #1a2029; --line: #2b3340; --accent: #8ba6ff;
          --low: #6cc08d; --medium: #e0b64a; --high: #f08c4a; --critical: #ff6a80; }
}
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header, main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1.25rem; }
header { padding-bottom: 0; }
h1 { margin: 0; font-size: 1.8rem; letter-spacing: -0.02em; }
h2 { margin: 0 0 .75rem; font-size: 1.05rem; }
header p { margin: .25rem 0; color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem;
          margin-bottom: 1.25rem; overflow-x: auto; }
pre { margin: 0; padding: .8rem 1rem; background: var(--paper); border-radius: 6px; overflow-x: auto; font-size: .88rem; }
a { color: var(--accent); }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th { text-align: left; color: var(--soft); font-weight: 500; }
th, td { padding: .4rem .6rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:nth-child(-n+5) { white-space: nowrap; font-variant-numeric: tabular-nums; }
tr.anomaly { font-weight: 600; }
.bar { display: inline-block; vertical-align: middle; width: 4rem; height: .5rem; margin-right: .5rem; accent-color: var(--accent); }
.Low { color: var(--low); } .Medium { color: var(--medium); } .High { color: var(--high); } .Critical { color: var(--critical); }
.dot { display: inline-block; width: .6rem; height: .6rem; border-radius: 50%; margin-right: .45rem; background: var(--medium); }
.dot.up { background: var(--low); } .dot.down { background: var(--critical); }
)css";

constexpr std::string_view kJs = R"js('use strict';
const kRows = 30;
const byId = (id) => document.getElementById(id);
const rows = byId('rows');

byId('curl').textContent = `curl -X POST ${location.origin}/api/ingest -H 'Content-Type: application/json' \\
     -d '{"source": "demo", "values": {"cpu": 0.42, "network": 17.5}}'`;

function cell(row, text, className) {
  const td = row.insertCell();
  td.textContent = text;
  if (className) td.className = className;
  return td;
}

function show(message) {
  const data = message.data;
  const event = message.original_event || {};
  const stream = [event.source || 'default', event.entity].filter(Boolean).join(' / ');
  const none = byId('none');
  if (none) none.remove();
  const key = data.status ? 'filling ' + stream : '';
  const old = key && [...rows.rows].find((row) => row.dataset.key === key);
  if (old) old.remove();
  const row = rows.insertRow(0);
  row.dataset.key = key;
  if (data.status) {
    cell(row, new Date().toLocaleTimeString());
    cell(row, stream);
    const fill = cell(row, `the window fills: ${data.count} events`);
    fill.colSpan = 4;
  } else {
    if (data.is_anomaly) row.className = 'anomaly';
    const betti = data.betti_numbers;
    cell(row, new Date(data.timestamp).toLocaleTimeString());
    cell(row, stream);
    const score = cell(row, '');
    const bar = document.createElement('meter');
    bar.className = 'bar';
    bar.value = data.anomaly_score;
    score.append(bar, data.anomaly_score.toFixed(3));
    cell(row, data.risk_level, data.risk_level);
    cell(row, `${betti.h0} ${betti.h1} ${betti.h2}`);
    cell(row, data.explanation);
  }
  while (rows.rows.length > kRows) rows.deleteRow(-1);
}

function state(text, className) {
  byId('state').textContent = text;
  byId('dot').className = 'dot ' + className;
}

function connect(delay) {
  const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/ws/stream');
  socket.onopen = () => { delay = 500; state('connected', 'up'); };
  socket.onmessage = (received) => {
    const message = JSON.parse(received.data);
    if (message.type === 'analysis') show(message);
  };
  socket.onclose = () => {
    state('not connected, trying again', 'down');
    setTimeout(() => connect(Math.min(2 * delay, 10000)), delay);
  };
}
connect(500);
)js";

http::Handler asset(std::string_view content, std::string_view type) {
  return [content, type, tag = http::make_etag(content)](const http::Request& request) -> http::Task<http::Response> {
    co_return http::static_asset(request, {.content = content, .content_type = type, .etag = tag});
  };
}

}  // namespace

http::Response live_page() {
  return {.status = 200,
          .body = std::string(kHtml),
          .content_type = "text/html; charset=utf-8",
          .headers = {{"Content-Security-Policy", std::string(kPolicy)}, {"Cache-Control", "no-cache"}}};
}

void add_live_assets(http::Router& router) {
  router.add("GET", "/assets/live.js", asset(kJs, "text/javascript; charset=utf-8"));
  router.add("GET", "/assets/live.css", asset(kCss, "text/css; charset=utf-8"));
}

}  // namespace topoforge::api
