"""Arguments are read while they are written, at every point, at a bounded cost."""

import json
import time

from builder.model.partial import PartialCall, partial_arguments

WHOLE = {"path": "backend/ä.py", "content": 'x = "1"\n\\ 🙂', "hunks": [{"search": "a"}], "n": 3}


def test_every_beginning_tells_a_beginning_of_the_truth():
    text = json.dumps(WHOLE)
    for at in range(len(text) + 1):
        found = partial_arguments(text[:at])
        for key, value in found.items():
            whole = WHOLE[key]
            assert str(whole).startswith(value) if isinstance(value, str) else type(value) is type(whole)
    assert partial_arguments(text) == WHOLE


def test_what_is_no_object_tells_nothing():
    for text in ("", "[1", '"x', "nope", "{oops", "<tool_call>", "[" * 10_000):
        assert partial_arguments(text) == {}


def test_a_growing_call_is_read_as_it_grows():
    call = PartialCall()
    text = json.dumps({"path": "a.py", "content": "line\n" * 5000})
    seen = []
    for at in range(0, len(text), 7):
        call.add(text[at : at + 7])
        seen.append(len(call.arguments.get("content", "")))
    assert seen == sorted(seen)
    assert len(set(seen)) > 300
    assert call.arguments["path"] == "a.py"
    assert call.complete() == json.loads(text)
    assert call.text == text


def test_two_megabytes_in_small_pieces_are_read_in_a_moment():
    text = json.dumps({"content": "x" * 2_000_000})
    began = time.process_time()
    call = PartialCall()
    for at in range(0, len(text), 20):
        call.add(text[at : at + 20])
        assert isinstance(call.arguments, dict)
    assert len(call.complete()["content"]) == 2_000_000
    assert time.process_time() - began < 20  # parsed anew at each piece it would take hours
