"""The action "send an e-mail"."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from rouage.automations.addressing import mailing
from rouage.automations.context import Action, ActionContext, Outcome, TemplateFacts
from rouage.automations.merging import merged
from rouage.automations.shapes import Recipients, Strict
from rouage.automations.types import Words, unfit
from rouage.mail.merge import Output
from rouage.mail.outbox import NewMessage
from rouage.planner.model import Failed, Reason, Started
from rouage.planner.words import N_


class SendEmail(Action):
    """One message to all recipients; the step ends when it was handed over, or could not be."""

    key = "send_email"
    label = N_("Send an email")
    help = N_("Writes to the client or to colleagues, from a template or with a text of its own.")
    icon = "mail"
    group = "write"
    outside = True
    window = True
    reminder = True
    example = {
        "recipients": {"roles": ["contact.document"]},
        "subject": "Your quote {{ number }}",
        "body": "Hello {{ contact.document.name }},\n\nhave you been able to look at our quote {{ number }}?",
        "reminder": True,
    }

    class Config(Strict):
        recipients: Recipients = Field(title=N_("Recipients"), json_schema_extra={"widget": "recipients"})
        template: int | None = Field(
            default=None,
            title=N_("Email template"),
            description=N_("The template in the recipient's language is used if there is one of the same name."),
            json_schema_extra={"widget": "template"},
        )
        subject: str = Field(
            default="",
            max_length=300,
            title=N_("Subject"),
            description=N_("Without a template."),
            json_schema_extra={"widget": "merge_line"},
        )
        body: str = Field(
            default="",
            max_length=20_000,
            title=N_("Message"),
            description=N_("Without a template."),
            json_schema_extra={"widget": "merge_text"},
        )
        reminder: bool = Field(
            default=False,
            title=N_("This is a reminder"),
            description=N_("Reminders keep the minimum gap and the cap per client."),
        )

        @model_validator(mode="after")
        def _has_text(self) -> Self:
            if self.template is None and not (self.subject.strip() and self.body.strip()):
                raise unfit("email.no_text", N_("Choose a template, or write a subject and a message."))
            return self

    def execute(self, config: Config, context: ActionContext) -> Outcome:
        mail = mailing(config.recipients, context)
        if isinstance(mail, Failed):
            return Outcome(mail)
        text = _text(config, context, mail.language)
        if isinstance(text, Failed):
            return Outcome(text)
        subject = merged(text.subject, context, language=text.language, output=Output.LINE, where="subject")
        if isinstance(subject, Failed):
            return Outcome(subject)
        body = merged(text.body, context, language=text.language, where="body")
        if isinstance(body, Failed):
            return Outcome(body)
        message = NewMessage(
            organisation_id=context.organisation.id,
            idempotency_key=context.key,
            recipients=mail.recipients,
            subject=subject,
            text=body,
            language=text.language,
            run_id=context.run_id,
            position=context.position,
            automation_id=context.automation_id,
            kind=context.kind,
            record_id=context.record_id,
            client_id=context.snapshot.get("client.id"),
            template_id=text.id or None,
            reminder=config.reminder,
            cause=context.cause,
        )
        told = {"to": [recipient.address for recipient in mail.recipients], "subject": subject}
        return Outcome(Started(data=told), (message,))

    def summary(self, config: Config, words: Words) -> str:
        name = words.quoted(config.subject) if config.template is None else words.template(config.template)
        people = words.recipients(config.recipients)
        return words(N_("send the email %(name)s %(to_people)s"), name=name, to_people=people)


def _text(config: SendEmail.Config, context: ActionContext, language: str) -> TemplateFacts | Failed:
    """What to write, in the recipient's language if the template has it."""
    if config.template is None:
        return TemplateFacts(id=0, name="", language=language, subject=config.subject, body=config.body)
    chosen = context.templates.get(config.template)
    if chosen is None:
        return Failed(reason=Reason(code="template.gone"))
    if chosen.language == language:
        return chosen
    siblings = (other for other in context.templates.values() if other.name == chosen.name)
    return next((other for other in siblings if other.language == language), chosen)


TYPE = SendEmail()
