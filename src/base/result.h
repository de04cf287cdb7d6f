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

// GCC statement expression: GCC 12's std::expected has no and_then, and straight lines read better anyway. Each use
// names its own variable, so that a TRY may stand inside the expression of another.
#define TRY_JOIN_(a, b) a##b
#define TRY_NAME_(number) TRY_JOIN_(try_result_, number)
#define TRY_AS_(expression, name)                              \
    (__extension__({                                           \
        auto name = (expression);                              \
        if (!name) [[unlikely]]                                \
            return ::std::unexpected(std::move(name).error()); \
        std::move(name).value();                               \
    }))
#define TRY(expression) TRY_AS_(expression, TRY_NAME_(__COUNTER__))

// For Status: TRY_VOID(write(...));
#define TRY_VOID_AS_(expression, name)                         \
    do {                                                       \
        auto name = (expression);                              \
        if (!name) [[unlikely]]                                \
            return ::std::unexpected(std::move(name).error()); \
    } while (false)
#define TRY_VOID(expression) TRY_VOID_AS_(expression, TRY_NAME_(__COUNTER__))
