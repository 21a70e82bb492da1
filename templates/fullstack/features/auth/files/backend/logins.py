"""What people sign in with: kept in lower case, however it was typed."""

import typing

import pydantic

from backend import schema

Email = typing.Annotated[schema.Email, pydantic.AfterValidator(str.lower)]
Name = typing.Annotated[schema.Line, pydantic.AfterValidator(str.lower)]
