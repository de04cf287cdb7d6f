#pragma once
// Result<T> is a value or an Error. TRY(x) unwraps a Result (or any std::expected) or returns its error from the
// enclosing function.

#include <expected>
#include <utility>

#include "base/error.h"

namespace billhook {

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(Error error) {
    return std::unexpected<Error>(std::move(error));
}

}  // namespace billhook

// GCC statement expression: GCC 12's std::expected has no and_then, and straight lines read better anyway.
#define TRY(expression)                                               \
    (__extension__({                                                  \
        auto try_result_ = (expression);                              \
        if (!try_result_) [[unlikely]]                                \
            return ::std::unexpected(std::move(try_result_).error()); \
        std::move(try_result_).value();                               \
    }))

// For Status: TRY_VOID(write(...));
#define TRY_VOID(expression)                                          \
    do {                                                              \
        auto try_result_ = (expression);                              \
        if (!try_result_) [[unlikely]]                                \
            return ::std::unexpected(std::move(try_result_).error()); \
    } while (false)
