"""Speed and acceptance from pages in the form that the servers really write."""

import pytest

from builder.model.address import address_of
from builder.model.http import open_model
from builder.model.metrics import Measured, Scrape, measured, read_samples, scrape
from builder.testing.endpoint import FaultyEndpoint

SGLANG = """\
# HELP sglang:generation_tokens_total Number of generation tokens processed.
# TYPE sglang:generation_tokens_total counter
sglang:generation_tokens_total{model_name="a b{c} \\"d\\"",tp_rank="0"} 7.5e+03
# TYPE sglang:gen_throughput gauge
sglang:gen_throughput{model_name="m"} 74.25
sglang:spec_accept_length{model_name="m"} 2.6
sglang:spec_accept_rate{model_name="m"} 0.8
sglang:spec_accept_rate{model_name="m",rank="1"} 0.6
sglang:time_to_first_token_seconds_bucket{le="0.001",model_name="m"} 0.0
"""
VLLM = """\
# TYPE vllm:generation_tokens_total counter
vllm:generation_tokens_total{{engine="0",model_name="m"}} {generated}
vllm:spec_decode_num_draft_tokens_total{{engine="0",model_name="m"}} {drafted}
vllm:spec_decode_num_accepted_tokens_total{{engine="0",model_name="m"}} {accepted}
vllm:spec_decode_num_accepted_tokens_per_pos_total{{engine="0",position="0"}} 4.0
"""


def test_a_gauge_is_read_at_once():
    now = Scrape(10.0, read_samples(SGLANG))
    assert measured(None, now) == Measured(74.25, pytest.approx(0.7))


def test_counters_are_compared_between_two_looks():
    before = Scrape(10.0, read_samples(VLLM.format(generated=1000, drafted=100, accepted=90)))
    now = Scrape(14.0, read_samples(VLLM.format(generated=1200, drafted=140, accepted=110)))
    assert measured(None, before) == Measured(None, 0.9)
    assert measured(before, now) == Measured(50.0, 0.5)
    assert measured(now, before) == Measured(None, pytest.approx(0.9))  # the server was started anew


@pytest.mark.parametrize(
    "text", ["", "<html>", "sglang:gen_throughput", "sglang:gen_throughput NaN", "sglang:gen_throughput -1", "x 1",
             'vllm:generation_tokens_total{a="} one'],
)  # fmt: skip
def test_what_is_no_sample_is_passed_over(text):
    assert read_samples(text) == {}


def test_a_model_says_how_fast_its_server_is():
    with FaultyEndpoint(pages={"/metrics": SGLANG}) as endpoint:
        model = open_model(endpoint.url)
        first = model.measure()
        assert first == Measured(74.25, pytest.approx(0.7))
        endpoint.pages["/metrics"] = SGLANG.replace("7.5e+03", "9.5e+03")
        second = model.measure()
        assert second is not None
        assert second.tokens_per_second is not None
        assert second.tokens_per_second > 74.25


def test_no_metrics_are_fine():
    with FaultyEndpoint() as endpoint:
        assert open_model(endpoint.url).measure() is None
        endpoint.pages["/metrics"] = "#" * 5_000_000
        assert scrape(address_of(endpoint.url)) is None
    assert open_model(endpoint.url).measure() is None
