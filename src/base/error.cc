#include "base/error.h"

namespace billhook {

char const* to_string(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return "invalid";
        case ErrorKind::unauthenticated:
            return "unauthenticated";
        case ErrorKind::forbidden:
            return "forbidden";
        case ErrorKind::payment_required:
            return "payment_required";
        case ErrorKind::not_found:
            return "not_found";
        case ErrorKind::conflict:
            return "conflict";
        case ErrorKind::limit_reached:
            return "limit_reached";
        case ErrorKind::quota_exhausted:
            return "quota_exhausted";
        case ErrorKind::rate_limited:
            return "rate_limited";
        case ErrorKind::unavailable:
            return "unavailable";
    }
    return "unavailable";
}

}  // namespace billhook
