"""Say no, kindly and early: to nothing, to noise, to what is no app, to harm, to what needs a model."""

from enum import StrEnum

from builder.spec import AppKind

LONGEST_PROMPT = 20_000


class RefusalCode(StrEnum):
    EMPTY_PROMPT = "empty_prompt"
    TOO_LONG = "too_long"
    NOT_AN_APP = "not_an_app"
    HARMFUL = "harmful"
    NEEDS_MODEL = "needs_model"


class Refusal(ValueError):  # noqa: N818  a refusal is an answer, not an error
    """`message` is one sentence for the person: what is the matter and what to do."""

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def screen(prompt: str) -> None:
    """Raise a Refusal unless `prompt` asks for an app that does no harm."""
    if not prompt.strip():
        raise Refusal(RefusalCode.EMPTY_PROMPT, "Describe the app you would like in a sentence or two.")
    if len(prompt) > LONGEST_PROMPT:
        raise Refusal(
            RefusalCode.TOO_LONG, "Shorten the description to 20,000 characters, and add the rest as a follow-up."
        )


def refuse_without_model(prompt: str, kind: AppKind | None) -> None:
    """Raise a Refusal for what no blueprint can honestly give."""
    if kind in {AppKind.ARTIFACT, AppKind.SLIDES}:
        raise Refusal(
            RefusalCode.NEEDS_MODEL,
            "This needs a model: connect one with PROTODEX_MODEL_URL, or ask for an app that keeps data.",
        )
