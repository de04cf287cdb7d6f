// `completion`: scripts for bash, zsh and fish, made from the command table.

#include <algorithm>
#include <map>
#include <string>

#include "cli/command/commands.h"
#include "cli/setting_table.h"

namespace billhook::cli {
namespace {

// What may follow each path: "" → "serve sandbox …", "catalog" → "validate plan apply".
std::map<std::string, std::vector<std::string>> words_by_path() {
    std::map<std::string, std::vector<std::string>> words;
    auto const add = [&](std::string const& path, std::string const& word) {
        auto& list = words[path];
        if (std::ranges::find(list, word) == list.end()) list.push_back(word);
    };
    for (auto const& command : command_table()) {
        std::string const path(command.path);
        auto const space = path.find(' ');
        add("", path.substr(0, space));
        if (space != std::string::npos) add(path.substr(0, space), path.substr(space + 1));
        for (auto const& argument : command.arguments)
            for (auto const choice : argument.choices) add(path, std::string(choice));
        for (auto const& option : command.options) add(path, "--" + std::string(option.name));
        for (auto const* word : {"--json", "--config", "--help"}) add(path, word);
        if (!command.shows_settings) continue;
        for (auto const& setting : setting_table()) add(path, flag_of(setting.name));
    }
    add("", "--help");
    add("", "--version");
    return words;
}

std::string joined(std::vector<std::string> const& words) {
    std::string out;
    for (auto const& word : words) out += (out.empty() ? "" : " ") + word;
    return out;
}

std::string bash_cases() {
    std::string cases;
    for (auto const& [path, words] : words_by_path())
        cases += "        '" + path + "') words='" + joined(words) + "' ;;\n";
    return cases;
}

// bash and zsh (through bashcompinit) share one function; options fall back to file names.
std::string bash_script() {
    return "_billhook() {\n"
           "    local path='' word words i\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        word=${COMP_WORDS[i]}\n"
           "        [[ $word == -* ]] && break\n"
           "        path=\"${path:+$path }$word\"\n"
           "    done\n"
           "    case $path in\n" +
           bash_cases() +
           "        *) words='' ;;\n"
           "    esac\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
           "}\n"
           "complete -o default -F _billhook billhook\n";
}

std::string fish_script() {
    std::string script =
        "function __billhook_path\n"
        "    set -l path\n"
        "    for word in (commandline -opc)[2..-1]\n"
        "        string match -q -- '-*' $word; and break\n"
        "        set -a path $word\n"
        "    end\n"
        "    string join ' ' -- $path\n"
        "end\n"
        "complete -c billhook -e\n";
    for (auto const& [path, words] : words_by_path())
        script += "complete -c billhook -n 'test (__billhook_path | string collect -a) = \"" + path + "\"' -a '" +
                  joined(words) + "'\n";
    return script;
}

}  // namespace

ExitCode run_completion(CommandCall const& call) {
    auto const& shell = call.arguments.front();
    if (shell == "fish") {
        call.out << fish_script();
        return ExitCode::ok;
    }
    if (shell == "zsh") call.out << "#compdef billhook\nautoload -U +X bashcompinit && bashcompinit\n";
    call.out << bash_script();
    return ExitCode::ok;
}

}  // namespace billhook::cli
