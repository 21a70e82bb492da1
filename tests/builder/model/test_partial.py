"""Arguments are read while they are written, at every point, at a bounded cost."""

import json

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


def test_two_megabytes_in_small_pieces_are_parsed_a_few_times_only():
    text = json.dumps({"content": "x" * 2_000_000})
    call, parsed = PartialCall(), [{"": ""}]
    for at in range(0, len(text), 100):
        call.add(text[at : at + 100])
        if call.arguments is not parsed[-1]:
            parsed.append(call.arguments)
    assert len(parsed) < 100  # of 20,000 pieces
    assert len(call.complete()["content"]) == 2_000_000
