"""A small build as training data: nine lines of what happened, in three forms."""

import json
from pathlib import Path

import pytest

from builder.agent.journal import Step
from builder.agent.redaction import Redaction
from builder.agent.trajectory import Form, read_outcome, replies, trajectory
from builder.model.chat import ChatRequest, ask
from builder.testing import ReplayModel, read_transcript

TOOLS = [{"type": "function", "function": {"name": "write_file", "description": "Write.", "parameters": {}}}]
MESSAGE = 'A diary for my plants called "Green Friends". It reminds me when to water them.'


def call(n, name, arguments):
    return {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": arguments}}


def said(text, *calls, reasoning=None):
    message = {"role": "assistant", "content": text}
    if reasoning:
        message["reasoning_content"] = reasoning
    return {**message, "tool_calls": list(calls)} if calls else message


def result(n, text):
    return {"role": "tool", "tool_call_id": f"call_{n}", "content": text}


OPENING = [{"role": "system", "content": "You build apps."}, {"role": "user", "content": f"# The request\n{MESSAGE}\n"}]
WRITE = '{"path": "a.py", "content": "x = 1\\n"}'
STEPS = [
    Step(0, OPENING, "c0", {}),
    Step(1, [said("", call(1, "write_file", WRITE), reasoning="First a file."), result(1, "Wrote a.py")], "c1", {}),
    Step(2, [said("", call(2, "write_file", '{"not_json": "{broken"}')), result(2, "not JSON")], "c2", {}),
    Step(3, [said("Done.", call(3, "finish", "{}")), result(3, "All passed.")], "c3", {}),
]


def check(status, name="types"):
    return "check", {"name": name, "label": name, "status": status, "gate": True, "findings": [{"message": "why"}]}


def requirement(status, id_="r1"):
    return "requirement", {"id": id_, "text": "It reminds", "status": status, "source": [46, 56], "proof": None}


EVENTS = [
    ("build", {"release": 1, "commit": "c0"}),
    requirement("open"),
    check("running"), check("failed"), ("step", {"n": 1}),
    ("step", {"n": 2}), ("usage", {"steps": 2, "prompt": 900, "completion": 90, "build_id": "b1", "at": "now"}),
    check("passed"), requirement("proven"), requirement("proven"), ("step", {"n": 3}),
    ("build", {"release": 2, "commit": "c3"}), ("build", {"release": 2, "score": 90}),
]  # fmt: skip


def lines(form, steps=STEPS, events=EVENTS, clean=lambda value: value):
    return list(trajectory(steps, read_outcome(events, build="b1", message=MESSAGE), TOOLS, form, clean))


def test_raw_has_every_step_with_its_evidence_and_the_outcome():
    build, *steps, outcome = lines(Form.RAW)
    assert (build["type"], build["tools"]) == ("build", TOOLS)
    assert [step["n"] for step in steps] == [0, 1, 2, 3]
    assert [step["messages"] for step in steps] == [list(step.messages) for step in STEPS]
    assert [step["reward"] for step in steps] == [None, -1.0, None, 1.0]
    assert steps[1]["checks"] == [{"name": "types", "status": "failed", "gate": True, "findings": ["why"]}]
    assert [item["status"] for item in steps[3]["requirements"]] == ["proven"]  # said twice, changed once
    assert (outcome["reward"], outcome["score"], outcome["releases"]) == (0.95, 90, [1, 2])
    assert outcome["usage"] == {"steps": 2, "prompt": 900, "completion": 90}
    assert outcome["after_last_step"]["released"] == [2]


@pytest.mark.parametrize(
    ("events", "reward"),
    [
        ([], 0.0),
        ([requirement("proven")], 0.0),  # never released
        ([("build", {"release": 1})], 0.5),
        ([("build", {"release": 1}), ("build", {"release": 1, "score": 40})], 0.4),
        ([("build", {"release": 1}), requirement("proven"), requirement("failed", "r2")], 0.5),
    ],
)
def test_the_reward_of_a_build(events, reward):
    assert read_outcome(events).reward == reward


def test_openai_has_one_conversation_in_the_form_of_fine_tuning():
    (line,) = lines(Form.OPENAI)
    assert set(line) == {"messages", "tools"}
    assert [message["role"] for message in line["messages"]] == [
        "system", "user", "assistant", "tool", "assistant", "tool", "assistant",
    ]  # fmt: skip  # it ends with what the model said
    assert "reasoning_content" not in json.dumps(line)
    assert line["messages"][2] == {"role": "assistant", "content": None, "tool_calls": [call(1, "write_file", WRITE)]}
    assert all(isinstance(c["function"]["arguments"], str) for m in line["messages"] for c in m.get("tool_calls", []))


def test_slime_has_a_prompt_for_rl_and_messages_for_sft():
    (line,) = lines(Form.SLIME)
    assert line["prompt"] == OPENING
    assert line["label"] == "0.95"
    assert line["messages"][2]["tool_calls"][0]["function"]["arguments"] == {"path": "a.py", "content": "x = 1\n"}
    assert line["messages"][2]["reasoning_content"] == "First a file."
    assert line["metadata"]["reward"] == 0.95
    assert [step["reward"] for step in line["metadata"]["steps"]] == [None, -1.0, None, 1.0]
    assert line["metadata"]["tools"] == line["tools"] == TOOLS


SUMMED = "Again.\n\n# Where you stand\nHalf done.\nGo on from here."
FOLDED = [
    *STEPS[:3],
    Step(3, [OPENING[0], {"role": "user", "content": SUMMED}], "c2", {}, True),
    Step(4, [said("Finished.", call(4, "finish", "{}")), result(4, "ok")], "c4", {}),
]  # fmt: skip


def test_a_folded_run_is_a_line_for_each_conversation_that_the_model_saw():
    first, second = lines(Form.OPENAI, FOLDED)
    assert len(first["messages"]) == 5
    assert [message["role"] for message in second["messages"]] == ["system", "user", "assistant"]
    assert [line["metadata"]["part"] for line in lines(Form.SLIME, FOLDED)] == [1, 2]


def test_a_run_in_which_the_model_said_nothing_has_no_conversation():
    assert lines(Form.OPENAI, STEPS[:1]) == lines(Form.SLIME, STEPS[:1]) == []
    assert len(lines(Form.RAW, STEPS[:1])) == 3


def test_the_raw_form_can_be_played_back(tmp_path: Path):
    transcript = tmp_path / "build.jsonl"
    raw = [json.loads(json.dumps(line)) for line in lines(Form.RAW, FOLDED)]
    transcript.write_text("".join(json.dumps(line) + "\n" for line in replies(raw)))
    played = read_transcript(transcript)
    assert [reply.text for reply in played] == ["", "", "Half done.", "Finished."]
    assert [c.arguments for reply in played for c in reply.calls] == [WRITE, "{broken", "{}"]
    assert played[0].reasoning == "First a file."
    assert ask(ReplayModel(transcript), ChatRequest(OPENING)).calls[0].name == "write_file"


SECRETS = [
    "sk-abcdefghijklmnopqrstuvwxyz012345", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "hf_abcdefghijklmnopqrstuvwxyz",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_key_is_taken_out_wherever_it_lies(secret):
    clean = Redaction().cleaner()
    cleaned = json.dumps(clean({"a": [f"key {secret}."], "b": json.dumps({"content": secret})}))
    assert "[secret]" in cleaned
    assert secret[12:24] not in cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Authorization: Bearer abc.def-ghi_jkl12345", "Authorization: Bearer [secret]"),
        ("postgresql://ann:hunter2@db/app", "postgresql://[secret]@db/app"),
        ('API_KEY="a1b2c3d4e5f6a7b8c9d0"', 'API_KEY="[secret]"'),
        ("ran /home/ann/app/main.py", "ran [home]/app/main.py"),
        ("in /Users/ann and /root/x", "in [home] and [home]/x"),
        ("token = get_token_from_request(request)", "token = get_token_from_request(request)"),
        ("GET /api/root and /home", "GET /api/root and /home"),
        ("risk-management-of-many-words task-list", "risk-management-of-many-words task-list"),
    ],
)
def test_secrets_and_places_go_and_code_stays(text, cleaned):
    assert Redaction().cleaner()(text) == cleaned


def test_values_of_settings_and_folders_of_this_machine_go():
    clean = Redaction(['my "odd" secret'], [Path("/srv/protodex/data"), Path("/srv/protodex")]).cleaner()
    assert clean('x my "odd" secret y') == "x [secret] y"
    assert clean(json.dumps({"k": 'my "odd" secret'})) == '{"k": "[secret]"}'
    assert clean("/srv/protodex/data/projects in /srv/protodex") == "[folder 1]/projects in [folder 2]"


def test_a_persons_words_go_on_request_the_same_way_everywhere():
    clean = Redaction(words=[MESSAGE], phrases=["when to water", "plants"]).cleaner()
    assert clean(MESSAGE) == "[message 1]"
    assert clean(f"# The request\n{MESSAGE}\n# Files") == "# The request\n[message 1]\n# Files"
    assert clean("It reminds me when to water them") == clean("it reminds me when to water them")
    names = {clean("<h1>Green Friends</h1>"), clean("<h1>GREEN FRIENDS</h1>")}
    assert len(names) == 1
    assert "green" not in names.pop().lower()
    assert "water" not in clean("says when to water it")
    assert clean("plants = []  # write to ann@example.org") == "plants = []  # write to [mail]"
    assert "[mail]" not in Redaction().cleaner()("ann@example.org")


def test_every_form_is_cleaned_and_can_still_be_read():
    clean = Redaction(["c0-secret"], words=[MESSAGE]).cleaner()
    steps = [Step(0, OPENING, "c0", {}), Step(1, [said(f"You asked: {MESSAGE} c0-secret")], "c1", {})]
    for form in Form:
        told = json.dumps(lines(form, steps, clean=clean))
        assert "Green Friends" not in told
        assert "c0-secret" not in told
        assert "[message 1]" in told
