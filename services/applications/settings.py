"""Settings of `applications`, read from the environment."""

from pydantic import PositiveInt

from shared.runtime.files import FileSettings

DRAFTS_PER_CALL = 20


class Settings(FileSettings):
    """`drafts_per_call`: how many applications an organisation may begin in a call without submitting them. It bounds what one
    organisation can store, and is no rule of a programme: how many may be submitted stands in the policy. A question may
    allow less than the limits of files. `calls_in_one_step`: one officer may publish a call that stands in a file; otherwise each call is
    written as a draft that another officer publishes."""

    drafts_per_call: PositiveInt = DRAFTS_PER_CALL
    calls_in_one_step: bool = False
