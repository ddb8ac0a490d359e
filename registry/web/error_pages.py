"""Pages of errors, in the reader's language."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, current_app, flash, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from registry.errors import DomainError, NotAllowed, NotFound
from registry.infra import unsent
from registry.infra.db import db, is_disk_full, is_out_of_reach
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy
from registry.web.guard import forget_reader, page_address
from registry.web.reading import Unreadable

RETRY_SECONDS = 30
"""After how long a browser may ask again when the database did not answer."""

_ERRORS: dict[int, tuple[object, object]] = {
    400: (
        lazy("The page could not be understood"),
        lazy("Go back, reload the page and send it again."),
    ),
    403: (
        lazy("This page is not open to you"),
        lazy("Your role does not permit this. If you need it for your work, ask the administrator."),
    ),
    404: (
        lazy("There is no such page"),
        lazy("Check the address, or find what you need through the navigation."),
    ),
    405: (
        lazy("This address cannot be used this way"),
        lazy("Open it from the page where the button or the form stands."),
    ),
    409: (
        lazy("This cannot be done as things stand"),
        lazy("Go back and look at the record again: it may have changed in the meantime."),
    ),
    413: (
        lazy("Too much was sent at once"),
        lazy(
            "Send at most 16 MB and 10 000 fields at once: divide the file, or put lines of the form together. A report"
            " has at most 800 lines."
        ),
    ),
    422: (
        lazy("This cannot be read"),
        lazy("Go back, look at what was typed or chosen, and send it again."),
    ),
    500: (
        lazy("Something went wrong on our side"),
        lazy("Nothing you sent was kept. Try again in a few minutes; if it fails again, tell the administrator."),
    ),
    503: (
        lazy("The registry is out of reach for the moment"),
        lazy(
            "Its database does not answer, and nothing you sent was kept. Go back in a few minutes and send it again;"
            " if it fails again, tell the administrator."
        ),
    ),
    507: (
        lazy("The disk of the registry is full"),
        lazy(
            "Nothing you sent was kept. Tell the administrator, who makes room on the disk; then go back and send it"
            " again. What was recorded before is whole and can be read."
        ),
    ),
}


def error_page(code: int, text: object = None, *, plain: bool = False) -> BaseResponse:
    """The page of an error in the reader's language; ``plain`` asks neither database nor session."""
    title, usual = _ERRORS.get(code, _ERRORS[400 if code < 500 else 500])
    if plain:
        forget_reader()
    page = render_template("errors/error.html", code=code, title=title, text=text or usual, plain=plain)
    return make_response(page, code)


def _too_much() -> object | None:
    """What is said of too many bytes to a page that takes files of another size than most; None for the usual text."""
    if not hasattr(current_app.view_functions.get(request.endpoint or ""), "largest_request"):
        return None
    most = (request.max_content_length or 0) // 1_000_000
    return _("All files sent at once have at most %(most)s MB. Nothing was attached: send them one by one.", most=most)


def _form_again() -> BaseResponse | None:
    """The page the form was sent from, with what was typed and a new token; None where no form of ours was sent."""
    page = page_address()
    if "csrf_token" not in request.form or not unsent.sent_by_us() or page is None:
        return None
    if request.url_rule is None or "GET" not in (request.url_rule.methods or ()):
        if unsent.SHOWN_TO in request.form:
            unsent.keep(page)
        else:  # a button by itself: no form of the page can say what became of it
            flash(
                _("Nothing was done: the page was open too long. Look at it once more and press the button again."),
                "warning",
            )
        return redirect(page, 303)
    unsent.show_again(unsent.typed())
    request.method = "GET"
    try:
        answer = current_app.dispatch_request()
    except Exception as error:
        answer = current_app.handle_user_exception(error)
    response = make_response(answer)
    if response.status_code == 200:
        response.status_code = 422
    return response


def install_errors(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> BaseResponse:
        code = error.code or 500
        if code < 400:
            return error.get_response()  # type: ignore[return-value]
        if code >= 500:
            return _failed(getattr(error, "original_exception", None), code)
        response = error_page(code, _too_much() if code == 413 else None)
        valid = getattr(error, "valid_methods", None)
        if valid:
            response.headers["Allow"] = ", ".join(valid)
        return response

    @app.errorhandler(Unreadable)
    def _unreadable(error: Unreadable) -> BaseResponse:
        has_page = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
        again = _form_again() if error.in_form and has_page else None
        return again or error_page(422, error.description)

    @app.errorhandler(CSRFError)
    def _csrf(error: CSRFError) -> BaseResponse:
        app.logger.info("CSRF check failed on %s: %s", request.path, error.description)
        again = _form_again()
        if again is not None:
            return again
        return error_page(
            400,
            _("The form was open too long or was not sent from this site. Go back, reload the page and send it again."),
        )

    @app.errorhandler(NotFound)
    def _not_found(error: NotFound) -> BaseResponse:
        return error_page(404, str(error))

    @app.errorhandler(NotAllowed)
    def _not_allowed(error: NotAllowed) -> BaseResponse:
        return error_page(403, str(error))

    @app.errorhandler(DomainError)
    def _refused(error: DomainError) -> BaseResponse:
        return error_page(409, str(error))

    @app.errorhandler(500)
    def _broken(error: Exception) -> BaseResponse:
        return _failed(getattr(error, "original_exception", None))

    def _failed(cause: BaseException | None = None, said: int = 500) -> BaseResponse:
        with suppress(SQLAlchemyError):
            db.session.rollback()
        code = 507 if is_disk_full(cause) else 503 if said == 503 or is_out_of_reach(cause) else 500
        response = error_page(code, plain=True)
        if code == 503:
            response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
