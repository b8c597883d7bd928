"""``{{ amount|yuan }}`` for lists."""

from django import template

from crm.money import yuan

register = template.Library()
register.filter("yuan", yuan)
