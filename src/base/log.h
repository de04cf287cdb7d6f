#pragma once
// Structured log lines: a message and fields. Secrets and personal data are never passed here. Thread-safe.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace billhook {

enum class LogLevel { debug, info, warn, error };

struct LogField {
    LogField(std::string_view name, std::string_view value) : name(name), value(value) {}
    LogField(std::string_view name, char const* value) : name(name), value(value) {}
    LogField(std::string_view name, std::string const& value) : name(name), value(value) {}
    LogField(std::string_view name, long long value) : name(name), value(std::to_string(value)) {}
    LogField(std::string_view name, long value) : name(name), value(std::to_string(value)) {}
    LogField(std::string_view name, int value) : name(name), value(std::to_string(value)) {}
    LogField(std::string_view name, unsigned long value) : name(name), value(std::to_string(value)) {}
    std::string_view name;
    std::string value;
};

/// To standard error, one line each: time, level, message, name=value.
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
void set_log_level(LogLevel level);

}  // namespace billhook
