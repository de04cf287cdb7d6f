#include <iostream>

#include "cli/program.h"
#include "server/serve.h"

extern char** environ;

int main(int argument_count, char** arguments) {
    billhook::cli::Environment environment;
    for (char** entry = environ; *entry; ++entry) {
        std::string const text = *entry;
        if (auto const equals = text.find('='); equals != std::string::npos)
            environment[text.substr(0, equals)] = text.substr(equals + 1);
    }
    billhook::cli::Programs const programs{billhook::server::serve, billhook::server::serve_sandbox};
    return billhook::cli::run_program({arguments + 1, arguments + argument_count}, environment, programs,
                                      {std::cout, std::cerr});
}
