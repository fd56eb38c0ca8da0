"""What a browser may load for Superset's pages: https://superset.apache.org/docs/configuration/networking-settings.

The usual policy lets pages load pictures from elsewhere, and one of them tells Superset's makers
that a page was opened. `SCARF_ANALYTICS` does not change that in a package that is built already.
"""

from typing import Any, Final

TALISMAN_ENABLED: Final = True
TALISMAN_CONFIG: Final[dict[str, Any]] = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "connect-src": ["'self'"],
        "font-src": ["'self'", "data:"],
        "img-src": ["'self'", "blob:", "data:"],
        "object-src": "'none'",
        "script-src": ["'self'", "'strict-dynamic'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "worker-src": ["'self'", "blob:"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    # Nothing on loopback speaks HTTPS.
    "force_https": False,
    "session_cookie_secure": False,
}
