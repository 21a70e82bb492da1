"""A tiny question tells whether a model calls tools, and whether its calls can be watched."""

import pytest

from builder.model.address import address_of
from builder.model.chat import ModelError, ModelUnavailableError
from builder.model.failures import Patience
from builder.model.http import HTTPModel, open_model
from builder.model.trial import try_model
from builder.testing import Fault, FaultyEndpoint, calls, says
from builder.testing.endpoint import answers, chunk_of

CALL = calls(("note", {"text": "The sea is wide. It is deep. It never sleeps."}))
WHOLE = [{"index": 0, "id": "a", "function": {"name": "note", "arguments": '{"text": "The sea."}'}}]


def test_calls_arrive_in_pieces_or_whole_or_not_at_all():
    whole = Fault(chunks=(chunk_of({"tool_calls": WHOLE}), chunk_of({}, "tool_calls")))
    with FaultyEndpoint([answers(CALL), Fault(CALL, cut=3), whole, answers(says("The sea."))]) as endpoint:
        model = HTTPModel(address_of(endpoint.url), None, Patience(back_off=0.01))
        tries = [try_model(model) for _ in range(3)]
    assert [(trial.called, trial.streams) for trial in tries] == [(True, True), (True, False), (False, False)]
    assert all(trial.first_token_seconds > 0 for trial in tries)
    assert tries[0].tokens_per_second is None  # ten tokens at once


def test_a_model_that_takes_for_ever_or_fails_is_told():
    with FaultyEndpoint([Fault(stall=2)]) as endpoint, pytest.raises(ModelUnavailableError, match="tiny question"):
        try_model(open_model(endpoint.url), seconds=0.3)
    with pytest.raises(ModelError):
        try_model(HTTPModel(address_of(endpoint.url), None, Patience(tries=1)))
