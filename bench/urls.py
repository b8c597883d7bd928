from django.urls import include, path

from bench.yardstick import yardstick

urlpatterns = [
    path("yardstick/", yardstick),
    path("", include("crm.urls")),
]
