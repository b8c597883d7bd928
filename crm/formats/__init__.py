"""How dates are written; what is not named here is as Django has it for the language."""
