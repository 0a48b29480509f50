"""Builds the weights of ``domain.template_weights`` from the format strings of published programs. Nothing at run time needs it."""
