"""The formulas of computed fields: what can be said in them, and of what kind the result is. Nothing is ever run."""

from builder.formula.app import Formulas
from builder.formula.kinds import Kind
from builder.formula.parser import MAX_LENGTH, Formula
from builder.formula.syntax import FormulaError

__all__ = ["MAX_LENGTH", "Formula", "FormulaError", "Formulas", "Kind"]
