"""Address of the style guide."""

from django.urls import path

from staff.styleguide import views

urlpatterns = [path("styleguide/", views.styleguide, name="styleguide")]
