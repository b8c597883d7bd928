"""Fragments of the Jinja2 backend within a template: ``{% fragment "name" rows=rows %}``."""

from django import template

from crm.fragments import fragment

register = template.Library()
register.simple_tag(fragment)
