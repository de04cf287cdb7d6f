#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace billhook {
namespace {

spdlog::logger& logger() {
    static auto const instance = [] {
        auto made = std::make_shared<spdlog::logger>("billhook", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
        made->flush_on(spdlog::level::warn);
        return made;
    }();
    return *instance;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warn:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

}  // namespace

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    if (!logger().should_log(to_spdlog(level))) return;
    std::string line(message);
    for (auto const& field : fields) {
        line += ' ';
        line += field.name;
        line += '=';
        bool const quote = field.value.find_first_of(" \"\n=") != std::string::npos || field.value.empty();
        if (!quote) {
            line += field.value;
            continue;
        }
        line += '"';
        for (char c : field.value) {
            if (c == '"' || c == '\\') line += '\\';
            if (c == '\n')
                line += "\\n";
            else
                line += c;
        }
        line += '"';
    }
    logger().log(to_spdlog(level), "{}", line);
}

void set_log_level(LogLevel level) {
    logger().set_level(to_spdlog(level));
}

}  // namespace billhook
