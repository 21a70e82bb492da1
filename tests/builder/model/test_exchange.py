"""Server-sent events are read the same wherever the network splits them."""

from builder.model.exchange import sse_data

STREAM = (
    ': waiting\n\nevent: message\ndata: {"a": "ä🙂"}\n\ndata:two\r\n\r\n: again\n\ndata: three\ndata: lines\n\n'
    "id: 7\n\ndata: [DONE]\n\n"
).encode()
EVENTS = ['{"a": "ä🙂"}', "two", "three\nlines", "[DONE]"]


def test_events_are_whole_at_every_split():
    for at in range(len(STREAM) + 1):
        assert [data for group in sse_data([STREAM[:at], STREAM[at:]]) for data in group] == EVENTS
    assert [data for group in sse_data(bytes([byte]) for byte in STREAM) for data in group] == EVENTS


def test_a_last_event_needs_no_empty_line():
    assert list(sse_data([b"data: one\n"])) == [["one"]]
    assert list(sse_data([b"data: one"])) == []  # cut in the middle
    assert list(sse_data([])) == []
