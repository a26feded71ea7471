"""/docs (Swagger UI) and /redoc (ReDoc) of `topoforge serve`, in a browser."""

import asyncio
import contextlib

import pytest

import browser
from server import running


@pytest.fixture(name="server", scope="module")
def fixture_server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("docs") / "data") as server:
        if server.request("GET", "/docs")[0] == 404:
            pytest.skip("built with TOPOFORGE_API_DOCS=OFF")
        yield server


@contextlib.asynccontextmanager
async def opened(server, folder, path):
    """The page, which must then have asked for nothing from outside, and complained of nothing."""
    if browser.CHROMIUM is None:
        pytest.skip("no Chromium here (package chromium)")
    own = f"http://127.0.0.1:{server.port}/"
    async with browser.opened_page(folder / "profile") as page:
        await page.open(own + path)
        yield page
        assert [url for url in page.requests if not url.startswith((own, "data:", "blob:" + own))] == []
        assert await page.refused() == []
        assert page.complaints == []


def operations(server):
    """(method, path, summary) of each operation that the server declares."""
    _, document = server.get("/openapi.json")
    return [
        (method, path, operation["summary"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_swagger_ui_shows_every_operation(server, tmp_path):
    async def look():
        async with opened(server, tmp_path, "docs") as page:
            await page.until("document.querySelectorAll('.opblock').length > 0")
            shown = await page.evaluate(
                """[...document.querySelectorAll('.opblock')].map((block) =>
                     [block.querySelector('.opblock-summary-method').textContent.toLowerCase(),
                      block.querySelector('.opblock-summary-path').dataset.path,
                      block.querySelector('.opblock-summary-description').textContent])"""
            )
            assert sorted(map(tuple, shown)) == sorted(operations(server))

    asyncio.run(look())


def test_swagger_ui_tries_calls_out_with_the_token_that_was_given(server, tmp_path):
    token = server.reader_token()

    async def look():
        async with opened(server, tmp_path, "docs") as page:
            await page.click(".auth-wrapper .authorize")
            await page.type_into(".auth-container input", token)
            await page.click(".auth-btn-wrapper .authorize")
            await page.until("document.querySelector('.auth-container').textContent.includes('Authorized')")
            await page.click(".auth-btn-wrapper .btn-done")

            block = "#operations-anomalies-get_api_anomalies"
            await page.click(f"{block} .opblock-summary-control")
            await page.click(f"{block} .try-out__btn")
            await page.click(f"{block} .execute")
            await page.until(f"document.querySelector('{block} .live-responses-table') !== null")
            sent = await page.evaluate(f"document.querySelector('{block} .curl').textContent")
            assert f"Authorization: Bearer {token}" in sent
            cell = f"{block} .live-responses-table tbody .response-col_status"
            status = await page.evaluate(f"document.querySelector('{cell}').firstChild.textContent")
            assert status == "200"
            assert any(url.startswith(f"http://127.0.0.1:{server.port}/api/anomalies") for url in page.requests)

    asyncio.run(look())


def test_redoc_shows_every_operation_and_finds_them(server, tmp_path):
    async def look():
        async with opened(server, tmp_path, "redoc") as page:
            await page.until("document.querySelectorAll('[data-section-id*=\"operation/\"]').length > 0")
            text = await page.evaluate("document.getElementById('api').textContent")
            for _, path, summary in operations(server):
                assert path in text and summary in text
            await page.type_into("input[role=search], .search-input", "ingest")
            found = await page.until("document.querySelector('[data-role=\"search:results\"]')?.textContent")
            assert "ingest" in found

    asyncio.run(look())


def test_a_page_that_did_not_change_is_not_sent_again(server):
    path = "/docs/swagger-ui-bundle.js"
    status, headers, page = server.request("GET", path)
    assert status == 200 and headers["Cache-Control"] == "no-cache" and int(headers["Content-Length"]) == len(page)
    assert headers["Content-Type"].startswith("text/javascript")
    status, again, nothing = server.request("GET", path, headers={"If-None-Match": headers["ETag"]})
    assert status == 304 and nothing == b"" and again["ETag"] == headers["ETag"]
    assert again["Content-Length"] is None, "that of a 304 would be the length of what it leaves out"
