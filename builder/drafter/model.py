"""Draft an app with a model: it corrects the nearest blueprint's draft, and draws the requirements from the prompt.

A short conversation of its own, with one round of repair. A model that fails takes nothing away: the blueprint's draft
is used, and a note says so. Knows nothing of the agent's loop; what the model writes is untrusted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from builder import refusal
from builder.agent.assignment import Turn
from builder.agent.ledger import Requirement
from builder.drafter import Draft, Drafter, Question, model_prompts
from builder.drafter.blueprint import BlueprintDrafter
from builder.drafter.model_reply import Answer, UnfitReplyError, read_answer
from builder.drafter.model_requirements import asked, drawn, merged, place, sentences
from builder.drafter.model_schema import reply_schema
from builder.drafter.model_spec import changed_spec, drafted_spec
from builder.model.chat import ChatModel, ChatRequest, Message, ModelError, Reply, ask
from builder.refusal import Refusal, RefusalCode
from builder.spec import AppKind, AppSpec

ROUNDS = 2  # a reply, and one that repairs it
MAX_TOKENS = 12_000
MAX_ECHO = 40_000  # characters of an unfit reply that are sent back to be repaired

USED_BLUEPRINT = "{why} The app was drafted from a blueprint instead; say what should be different."
USED_WORDS = "{why} The app is built from your words alone."
KEPT_AS_IT_IS = "{why} The description of the app stayed as it was."
NOTHING_TO_CHANGE = "No change was found in this message; say what the app should do differently."
UNREADABLE = "The model's draft could not be used."
UNFOUNDED = {
    "harmful": "an app is refused for what the wish says: copy the words that ask for harm into `because`, letter "
    "by letter; if there are none, answer `build`",
    "not_an_app": "the wish names an app that is known, the one of the draft; answer `build`",
}


def _never() -> bool:
    return False


@dataclass(frozen=True)
class ModelDrafter:
    """Without thinking: a draft is wanted in seconds, and a grammar holds best what begins at once."""

    model: ChatModel
    cancelled: Callable[[], bool] = _never
    blueprints: Drafter = field(default_factory=BlueprintDrafter)
    today: Callable[[], date] = date.today

    def draft(self, prompt: str, *, kind: AppKind | None = None, name: str | None = None, ask: bool = True) -> Draft:
        """Raises Refusal, CancelledError. With `ask` the draft may come with questions and is a best guess."""
        refusal.screen(prompt)
        ready = self._blueprint(prompt, kind, name)
        base = ready or Draft(_bare(prompt, kind, name))
        task = model_prompts.new_app(prompt, base.spec, base.unused, kind, ask, self.today())

        def read(answer: Answer) -> Draft:
            _heed(answer, prompt, is_known=ready is not None and ready.is_known)
            if answer.app is None and not (ask and answer.answer == "ask" and answer.questions):
                raise UnfitReplyError("app is missing; write the AppSpec")
            spec = drafted_spec(answer.app, base.spec, answer.dropped, kind) if answer.app is not None else base.spec
            spec = spec.model_copy(update={"name": name[:120]}) if name else spec
            questions = _questions(answer) if ask and answer.answer == "ask" else ()
            return Draft(spec, requirements=drawn(answer.requirements, prompt), questions=questions)

        try:
            return self._converse(task, read)
        except ModelError as error:
            return _fallback(ready, prompt, str(error))
        except UnfitReplyError:
            if ready is None and kind in {AppKind.ARTIFACT, AppKind.SLIDES}:  # they need no AppSpec but their kind
                return replace(base, requirements=sentences(prompt), notes=(USED_WORDS.format(why=UNREADABLE),))
            return _fallback(ready, prompt, UNREADABLE)

    def revise(
        self, spec: AppSpec, message: str, requirements: Sequence[Requirement], history: Sequence[Turn] = ()
    ) -> Draft:
        """What a follow-up changes: the AppSpec where it must, and the whole list of requirements."""
        task = model_prompts.change(message, spec, requirements, history)

        def read(answer: Answer) -> Draft:
            if answer.answer == "not_an_app":
                return Draft(spec, requirements=tuple(requirements), notes=(NOTHING_TO_CHANGE,))
            _heed(answer, message, is_known=True)
            changed = changed_spec(answer.app or {}, spec, answer.dropped) if answer.app or answer.dropped else spec
            found = merged(requirements, answer.requirements, answer.removed, message)
            return Draft(changed, requirements=found if found != tuple(requirements) else asked(found, message))

        try:
            return self._converse(task, read)
        except (ModelError, UnfitReplyError) as error:
            why = UNREADABLE if isinstance(error, UnfitReplyError) else str(error)
            return Draft(spec, requirements=asked(requirements, message), notes=(KEPT_AS_IT_IS.format(why=why),))

    def _blueprint(self, prompt: str, kind: AppKind | None, name: str | None) -> Draft | None:
        """The draft that needs no model; None where there is none for this prompt."""
        try:
            return self.blueprints.draft(prompt, kind=kind, name=name)
        except Refusal as refused:
            if refused.code is not RefusalCode.NEEDS_MODEL:
                raise
            return None

    def _converse(self, task: str, read: Callable[[Answer], Draft]) -> Draft:
        messages: list[Message] = [
            {"role": "system", "content": model_prompts.instructions()},
            {"role": "user", "content": task},
        ]
        for last in (False,) * (ROUNDS - 1) + (True,):
            reply = self._ask(messages)
            try:
                return read(read_answer(reply.text))
            except UnfitReplyError as error:
                if last:
                    raise
                repair = model_prompts.repair(error.problems, reply.finish == "length")
                messages += [_echo(reply), {"role": "user", "content": repair}]
        raise AssertionError("every round returns or raises")

    def _ask(self, messages: Sequence[Message]) -> Reply:
        most = min(MAX_TOKENS, max(1000, self.model.context // 3))
        request = ChatRequest(tuple(messages), schema=reply_schema(), thinking=False, max_tokens=most)
        return ask(self.model, request, self.cancelled)


def _heed(answer: Answer, wish: str, *, is_known: bool) -> None:
    """The second net below the words that `refusal` knows: a model understands what they only describe.

    A small model refuses at random, so one that refuses what is known must show the words it is afraid of.
    """
    if answer.answer not in UNFOUNDED:
        return
    if is_known and not (answer.answer == "harmful" and place(answer.because, wish)):
        raise UnfitReplyError(UNFOUNDED[answer.answer])
    if answer.answer == "harmful":
        raise refusal.refused(RefusalCode.HARMFUL, wish)
    raise refusal.refused(RefusalCode.NOT_AN_APP, wish)


def _questions(answer: Answer) -> tuple[Question, ...]:
    return tuple(Question(form.text, form.choices) for form in answer.questions)


def _fallback(ready: Draft | None, prompt: str, why: str) -> Draft:
    if ready is None:
        raise Refusal(RefusalCode.NEEDS_MODEL, f"{why} No blueprint makes this app; try again in a moment.")
    return replace(ready, requirements=sentences(prompt), notes=(USED_BLUEPRINT.format(why=why),))


def _bare(prompt: str, kind: AppKind | None, name: str | None) -> AppSpec:
    """What is known before anybody understood the prompt."""
    title = name or " ".join(prompt.split()[:5])[:60]
    return AppSpec(name=title[:120], kind=kind or AppKind.FULLSTACK)


def _echo(reply: Reply) -> Message:
    """The reply as it goes back into the conversation: an answer of any length must not fill the window."""
    return {"role": "assistant", "content": reply.text[:MAX_ECHO] or "{}"}
