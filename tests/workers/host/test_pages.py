import json

from workers.host.pages import LAST_LINES, UNKNOWN, down, render


def test_what_an_app_said_is_only_text():
    page = render(down("It ended.", "<script>alert(1)</script>\n&", 4), as_json=False)[1].decode()
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_page_shows_the_end_of_the_log_and_tries_again_when_that_makes_sense():
    log = "\n".join(f"line {number}." for number in range(100))
    page = render(down("It ended.", log, 4), as_json=False)[1].decode()
    assert "line 99." in page
    assert f"line {99 - LAST_LINES}." not in page
    assert '<meta http-equiv="refresh" content="5">' in page
    assert "refresh" not in render(UNKNOWN, as_json=False)[1].decode()


def test_programs_get_the_same_as_json():
    kind, body = render(UNKNOWN, as_json=True)
    assert kind == b"application/json"
    error = json.loads(body)["error"]
    assert error["code"] == "unknown_app"
    assert error["message"].endswith(".")
