"""Errors of the pipelines: each says what was expected, what was found and what to do."""


class PipelineError(Exception):
    """A task could not do its work.

    Repeating the task may help unless the error is a `PermanentError`.
    """

    def __init__(self, subject: str, *, expected: str, found: str, remedy: str) -> None:
        """Keeps the parts beside the message that they make."""
        super().__init__(f"{subject}: expected {expected}, found {found}. {remedy}")
        self.subject = subject
        self.expected = expected
        self.found = found
        self.remedy = remedy


class PermanentError(PipelineError):
    """The cause stays until somebody removes it, so that the task is not retried."""
