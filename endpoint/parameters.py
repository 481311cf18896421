"""The parameters of a request, each with all its values."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from endpoint.errors import Problem


@dataclass
class Parameters:
    """The parameters of a request by name, each with all its values."""

    values: dict[str, list[str]] = field(default_factory=dict)

    def add(self, text: bytes) -> None:
        """Read ``name=value&...``, percent-decoding each name and value once.

        Raises:
            Problem: not UTF-8.
        """
        try:
            pairs = parse_qsl(text.decode(), keep_blank_values=True, errors="strict", max_num_fields=1000)
        except UnicodeDecodeError:
            raise Problem("bad-request", "the parameters are not UTF-8") from None
        except ValueError:
            raise Problem("bad-request", "there are more than 1000 parameters") from None
        for name, value in pairs:
            self.values.setdefault(name, []).append(value)

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a parameter."""
        return tuple(self.values.get(name, ()))

    def one(self, name: str) -> str:
        """Return the only value, "" when there is none.

        Raises:
            Problem: several.
        """
        found = self.all(name)
        if len(found) > 1:
            raise Problem("bad-request", f"the parameter {name} is given {len(found)} times; give it once")
        return found[0] if found else ""
