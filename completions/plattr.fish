# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_plattr_global_optspecs
    string join \n o/output= y/yes non-interactive color= project= v/verbose progress= h/help V/version
end

function __fish_plattr_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_plattr_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_plattr_using_subcommand
    set -l cmd (__fish_plattr_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c plattr -n "__fish_plattr_needs_command" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_needs_command" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_needs_command" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_needs_command" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_needs_command" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_needs_command" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_needs_command" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_needs_command" -s V -l version -d 'Print version'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "init" -d 'Write plattr.yaml, .gitignore lines and a workflow for a new project'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "dev" -d 'Start everything that the application needs, and prove that it works'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "stop" -d 'Stop the services of the stack; data stays'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "destroy" -d 'Stop the services and delete all of their data'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "status" -d 'Show what runs: health, versions, URLs, uptime and memory'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "verify" -d 'Prove by real round trips that every service works as the application uses it'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "env" -d 'Print the variables that the application sees'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "run" -d 'Run a program with the variables of the application set'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "test" -d 'Run the tests of the project'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "db" -d 'Manage the database of the application'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "gen" -d 'Manage files that are made from the database'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "logs" -d 'Show what the services say, merged by time'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "forward" -d 'Make ports of pods in the cluster reachable on this machine'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "ps" -d 'Show all stacks of this machine'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "snapshot" -d 'Manage snapshots of all data of the stack'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "kubeconfig" -d 'Print the kubeconfig of the stack\'s cluster, or add it to your own'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "config" -d 'Manage the configuration'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "doctor" -d 'Find what on this machine is in the way'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "cache" -d 'Manage fetched packages'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "bundle" -d 'Manage bundles for machines without a network'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "completions" -d 'Print a script that completes plattr\'s command lines'
complete -c plattr -n "__fish_plattr_needs_command" -f -a "man" -d 'Print the manual page, or write the pages of all commands'
complete -c plattr -n "__fish_plattr_using_subcommand init" -l name -d 'Name the application' -r
complete -c plattr -n "__fish_plattr_using_subcommand init" -l framework -d 'Say which framework it uses' -r -f -a "nextjs\t''
remix\t''
sveltekit\t''
nuxt\t''
node\t''
django\t''
fastapi\t''
rails\t''
spring\t''
go\t''
rust\t''
other\t''"
complete -c plattr -n "__fish_plattr_using_subcommand init" -l storage -d 'Give it object storage with these buckets' -r
complete -c plattr -n "__fish_plattr_using_subcommand init" -l auth -d 'Give it sign-in, with these identity providers besides its own users' -r -f -a "google\t''
github\t''"
complete -c plattr -n "__fish_plattr_using_subcommand init" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand init" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand init" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand init" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand init" -l database -d 'Give it PostgreSQL and PostgREST; the default'
complete -c plattr -n "__fish_plattr_using_subcommand init" -l no-database -d 'Give it no database'
complete -c plattr -n "__fish_plattr_using_subcommand init" -l cache -d 'Give it Redis'
complete -c plattr -n "__fish_plattr_using_subcommand init" -l search -d 'Give it OpenSearch'
complete -c plattr -n "__fish_plattr_using_subcommand init" -l force -d 'Replace files that exist'
complete -c plattr -n "__fish_plattr_using_subcommand init" -l dry-run -d 'Print the files instead of writing them'
complete -c plattr -n "__fish_plattr_using_subcommand init" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand init" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand init" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l only -d 'Bring up only these services, with what they need; leave others as they are' -r
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l without -d 'Leave out these services' -r
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l profile -d 'Bring up the services of a profile from `local.profiles`' -r
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l engine -d 'Choose where the services run' -r -f -a "native\t'Native processes, without containers'
kind\t'A Kind cluster in the local Docker-compatible engine'"
complete -c plattr -n "__fish_plattr_using_subcommand dev" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l dry-run -d 'Say what would be done, and do nothing'
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l watch -d 'Go on: apply plattr.yaml again whenever it changes, and new SQL migrations as they are written'
complete -c plattr -n "__fish_plattr_using_subcommand dev" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand dev" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand dev" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand stop" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand stop" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand stop" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand stop" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand stop" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand stop" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand stop" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand destroy" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand destroy" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand destroy" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand destroy" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand destroy" -l keep-snapshots -d 'Keep the snapshots; `plattr snapshot restore` brings their data back'
complete -c plattr -n "__fish_plattr_using_subcommand destroy" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand destroy" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand destroy" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand destroy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand status" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand status" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand status" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand status" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand status" -l exit-code -d 'Exit with 1 unless every service is healthy'
complete -c plattr -n "__fish_plattr_using_subcommand status" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand status" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand status" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand verify" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand verify" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand verify" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand verify" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand verify" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand verify" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand verify" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand env" -l override-name -d 'Print the variable OLD under the name NEW; may be given several times' -r
complete -c plattr -n "__fish_plattr_using_subcommand env" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand env" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand env" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand env" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand env" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand env" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand env" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand env" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand run" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand run" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand run" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand run" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand run" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand run" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand run" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand test" -l shards -d 'Run so many parts of the tests side by side, each with a clean state of its own' -r
complete -c plattr -n "__fish_plattr_using_subcommand test" -l engine -d 'Choose where the services run, where they have to be started' -r -f -a "native\t'Native processes, without containers'
kind\t'A Kind cluster in the local Docker-compatible engine'"
complete -c plattr -n "__fish_plattr_using_subcommand test" -l junit -d 'Have the runner write a JUnit report to this file' -r -F
complete -c plattr -n "__fish_plattr_using_subcommand test" -l runner -d 'Take this runner, where the project has several' -r -f -a "command\t'`local.test.command` of plattr.yaml'
vitest\t'Vitest'
jest\t'Jest'
playwright\t'Playwright'
mocha\t'Mocha'
node-test\t'The runner of Node.js itself'
script\t'The script `test` of package.json, whatever it runs'
pytest\t'pytest'
rspec\t'RSpec'
mix\t'ExUnit'
go\t'go test'
nextest\t'cargo-nextest'
cargo\t'cargo test'
maven\t'Maven'
gradle\t'Gradle'"
complete -c plattr -n "__fish_plattr_using_subcommand test" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand test" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand test" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand test" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand test" -l ci -d 'Give the tests a clean state of their own, and start the services if they do not run'
complete -c plattr -n "__fish_plattr_using_subcommand test" -l no-seed -d 'Leave seeds out of the clean state'
complete -c plattr -n "__fish_plattr_using_subcommand test" -l list-runners -d 'List the runners that plattr knows, and which of them the project has'
complete -c plattr -n "__fish_plattr_using_subcommand test" -l dry-run -d 'Say what would be run, and run nothing'
complete -c plattr -n "__fish_plattr_using_subcommand test" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand test" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand test" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -f -a "migrate" -d 'Apply the migrations that are pending'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -f -a "new" -d 'Make the file of a new migration'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -f -a "rollback" -d 'Take back migrations that have a down file'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -f -a "reset" -d 'Begin the database anew: all migrations and seeds, nothing else'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -f -a "seed" -d 'Put example data into the database and the buckets'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -f -a "diff" -d 'Show what the schema has that no migration makes'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -f -a "dump" -d 'Write the schema and its rows to a file, or to standard output'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -f -a "restore" -d 'Put a dump into the schema: all of it, or nothing'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -f -a "lint" -d 'Find unsafe migrations and weak spots of the schema'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -f -a "inspect" -d 'Show what the database is busy with and what it is made of'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -f -a "shell" -d 'Talk to the database: psql where it is installed, else a prompt of plattr\'s own'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from migrate new rollback reset seed diff dump restore lint inspect shell upgrade" -f -a "upgrade" -d 'Move the stack\'s data to a newer major version of PostgreSQL'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -l engine -d 'What runs the migrations; found by the project\'s files unless given' -r -f -a "sql\t'plattr itself: ordered SQL files'
prisma\t'Prisma Migrate'
drizzle\t'drizzle-kit'
knex\t'Knex'
typeorm\t'TypeORM'
sequelize\t'sequelize-cli'
alembic\t'Alembic'
django\t'Django'
rails\t'Rails'
flyway\t'Flyway'
liquibase\t'Liquibase'
goose\t'goose'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -l to -d 'Apply up to this version, itself included' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -l lock-timeout -d 'Give up a statement that waits for a lock for so long' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -l db-url -d 'Work on this database instead of the project\'s own: a URL that libpq accepts' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -l schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -l dry-run -d 'Say what would be applied, and do nothing'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -l status -d 'Show what is applied and what is pending'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -l out-of-order -d 'Apply also what is older than the newest that was applied, as after a merge of two branches'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from new" -l from -d 'Fill it with this file; `-` is standard input' -r -F
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from new" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from new" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from new" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from new" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from new" -l down -d 'Make a file that takes it back too'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from new" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from new" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from new" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from rollback" -l steps -d 'Take back so many; one unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from rollback" -l to -d 'Take back everything after this version; 0 is before the first' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from rollback" -l engine -d 'What runs the migrations; found by the project\'s files unless given' -r -f -a "sql\t'plattr itself: ordered SQL files'
prisma\t'Prisma Migrate'
drizzle\t'drizzle-kit'
knex\t'Knex'
typeorm\t'TypeORM'
sequelize\t'sequelize-cli'
alembic\t'Alembic'
django\t'Django'
rails\t'Rails'
flyway\t'Flyway'
liquibase\t'Liquibase'
goose\t'goose'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from rollback" -l db-url -d 'Work on this database instead of the project\'s own: a URL that libpq accepts' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from rollback" -l schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from rollback" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from rollback" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from rollback" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from rollback" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from rollback" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from rollback" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from rollback" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from rollback" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from reset" -l db-url -d 'Work on this database instead of the project\'s own: a URL that libpq accepts' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from reset" -l schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from reset" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from reset" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from reset" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from reset" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from reset" -l no-seed -d 'Leave out the seeds'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from reset" -l no-template -d 'Apply all migrations again, also where a template has them'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from reset" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from reset" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from reset" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from seed" -l db-url -d 'Work on this database instead of the project\'s own: a URL that libpq accepts' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from seed" -l schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from seed" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from seed" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from seed" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from seed" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from seed" -l again -d 'Run SQL files also where the same content was run before'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from seed" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from seed" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from seed" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from seed" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -l shadow-url -d 'Replay the migrations in this empty database instead of a new one; what is put there is dropped again' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -l from-url -d 'Begin with this live database instead of the migrations' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -l from-schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -l to-url -d 'End with this live database; the same as `--db-url`' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -l to-schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -l db-url -d 'Work on this database instead of the project\'s own: a URL that libpq accepts' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -l schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -l mark-applied -d 'Remember the new migration as applied in this database, which has all of it'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -l exit-code -d 'Exit with 1 if there is a difference'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -l format -d 'Form of the dump' -r -f -a "plain\t'SQL, which people read'
custom\t'One compressed file'
directory\t'A folder with one compressed file for each table'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -l table -d 'Only this table of the schema, or those that fit a pattern of pg_dump; may be repeated' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -l db-url -d 'Work on this database instead of the project\'s own: a URL that libpq accepts' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -l schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -l schema-only -d 'Only tables, views, functions and the like'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -l data-only -d 'Only rows'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -l clean -d 'Begin the dump with dropping what it makes'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -l with-owner -d 'Say who owned what, and who was granted what'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -l db-url -d 'Work on this database instead of the project\'s own: a URL that libpq accepts' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -l schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -l clean -d 'Drop everything that is in the schema first'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -l with-owner -d 'Restore owners and grants too, where the dump has them'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -l rule -d 'Check this rule and no other, also if it is off by default; may be repeated' -r -f -a "syntax-error\t''
needs-no-transaction\t''
transaction-nesting\t''
ban-uncommitted-transaction\t''
require-concurrent-index-creation\t''
require-concurrent-reindex\t''
constraint-missing-not-valid\t''
adding-foreign-key-constraint\t''
disallowed-unique-constraint\t''
adding-serial-primary-key-field\t''
adding-not-nullable-field\t''
adding-required-field\t''
adding-field-with-default\t''
changing-column-type\t''
ban-truncate-cascade\t''
ban-drop-database\t''
ban-drop-schema\t''
ban-duplicate-column-assignments\t''
require-concurrent-index-deletion\t''
require-concurrent-partition-detach\t''
ban-drop-table\t''
ban-drop-column\t''
renaming-table\t''
renaming-column\t''
ban-char-field\t''
identifier-too-long\t''
ban-alter-domain-with-add-constraint\t''
unused-ignore\t''
not-checked\t''
ban-drop-not-null\t''
ban-drop-view\t''
ban-drop-function\t''
prefer-bigint-over-int\t''
prefer-bigint-over-smallint\t''
prefer-identity\t''
prefer-text-field\t''
prefer-timestamp-tz\t''
require-enum-value-ordering\t''
anonymous-access-without-rls\t''
signed-in-access-without-rls\t''
policy-without-rls\t''
policy-always-true\t''
rls-without-policy\t''
view-bypasses-rls\t''
security-definer-without-search-path\t''
foreign-key-without-index\t''
table-without-primary-key\t''
invalid-index\t''
constraint-not-validated\t''
sequence-near-its-end\t''
duplicate-index\t''
timestamp-without-time-zone\t''"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -l no-rule -d 'Do not check this rule; may be repeated' -r -f -a "syntax-error\t''
needs-no-transaction\t''
transaction-nesting\t''
ban-uncommitted-transaction\t''
require-concurrent-index-creation\t''
require-concurrent-reindex\t''
constraint-missing-not-valid\t''
adding-foreign-key-constraint\t''
disallowed-unique-constraint\t''
adding-serial-primary-key-field\t''
adding-not-nullable-field\t''
adding-required-field\t''
adding-field-with-default\t''
changing-column-type\t''
ban-truncate-cascade\t''
ban-drop-database\t''
ban-drop-schema\t''
ban-duplicate-column-assignments\t''
require-concurrent-index-deletion\t''
require-concurrent-partition-detach\t''
ban-drop-table\t''
ban-drop-column\t''
renaming-table\t''
renaming-column\t''
ban-char-field\t''
identifier-too-long\t''
ban-alter-domain-with-add-constraint\t''
unused-ignore\t''
not-checked\t''
ban-drop-not-null\t''
ban-drop-view\t''
ban-drop-function\t''
prefer-bigint-over-int\t''
prefer-bigint-over-smallint\t''
prefer-identity\t''
prefer-text-field\t''
prefer-timestamp-tz\t''
require-enum-value-ordering\t''
anonymous-access-without-rls\t''
signed-in-access-without-rls\t''
policy-without-rls\t''
policy-always-true\t''
rls-without-policy\t''
view-bypasses-rls\t''
security-definer-without-search-path\t''
foreign-key-without-index\t''
table-without-primary-key\t''
invalid-index\t''
constraint-not-validated\t''
sequence-near-its-end\t''
duplicate-index\t''
timestamp-without-time-zone\t''"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -l fail-on -d 'Fail if something is found that matters this much' -r -f -a "error\t'Errors'
warning\t'Warnings and errors'
never\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -l anon-role -d 'Role of those who are not signed in [default: the application\'s; with --db-url `SCHEMA_anon` and `anon`]' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -l authenticated-role -d 'Role of those who are [default: the application\'s; with --db-url `SCHEMA_authenticated` and `authenticated`]' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -l db-url -d 'Work on this database instead of the project\'s own: a URL that libpq accepts' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -l schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -l all -d 'Look at migrations that were applied, too'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -l limit -d 'Show at most this many lines of each table; 0 is all. JSON always has all' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -l db-url -d 'Work on this database instead of the project\'s own: a URL that libpq accepts' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -l schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -l all-schemas -d 'Look at every schema, not only the application\'s'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -s c -l command -d 'Run these statements, then end; may be repeated' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -s f -l file -d 'Run the statements of this file, then end; `-` is standard input; may be repeated' -r -F
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -l as -d 'Talk as this one of the application\'s logins and roles [default: migrator]' -r -f -a "migrator\t'The login that owns the schema, as migrations use it'
app\t'The application\'s login'
authenticator\t'PostgREST\'s login, before it knows who asks'
anon\t'Somebody who is not signed in, as PostgREST lets them in'
authenticated\t'Somebody who is signed in, as PostgREST lets them in'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -l claims -d 'Claims of the token of a request, which policies see; with `--as anon` or `authenticated`' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -l db-url -d 'Work on this database instead of the project\'s own: a URL that libpq accepts' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -l schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -s 1 -l single-transaction -d 'Run everything in one transaction, all of it or nothing'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -l keep-going -d 'Go on after a statement failed'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -l read-only -d 'Refuse to change anything; the default where the database is not on this machine'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -l write -d 'Allow changes where the database is not on this machine'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -l builtin -d 'Use plattr\'s own prompt, also where psql is installed'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from shell" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from upgrade" -l to -d 'The major version that is expected' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from upgrade" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from upgrade" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from upgrade" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from upgrade" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from upgrade" -l delete-old -d 'Delete the data of before, from this upgrade or an earlier one'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from upgrade" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from upgrade" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from upgrade" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from upgrade" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand gen; and not __fish_seen_subcommand_from types" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand gen; and not __fish_seen_subcommand_from types" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand gen; and not __fish_seen_subcommand_from types" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand gen; and not __fish_seen_subcommand_from types" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand gen; and not __fish_seen_subcommand_from types" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand gen; and not __fish_seen_subcommand_from types" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand gen; and not __fish_seen_subcommand_from types" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand gen; and not __fish_seen_subcommand_from types" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand gen; and not __fish_seen_subcommand_from types" -f -a "types" -d 'Make types of the database\'s schema for a programming language'
complete -c plattr -n "__fish_plattr_using_subcommand gen; and __fish_seen_subcommand_from types" -l lang -d 'Make types for this language' -r -f -a "typescript\t'TypeScript, in the shape that Supabase\'s clients know'
rust\t'Rust, structs with serde'
python\t'Python, typed dictionaries'
go\t'Go, structs with tags'
openapi\t'OpenAPI 3.1, what the REST API serves'"
complete -c plattr -n "__fish_plattr_using_subcommand gen; and __fish_seen_subcommand_from types" -l file -d 'Write this file instead of printing' -r -F
complete -c plattr -n "__fish_plattr_using_subcommand gen; and __fish_seen_subcommand_from types" -l db-url -d 'Work on this database instead of the project\'s own: a URL that libpq accepts' -r
complete -c plattr -n "__fish_plattr_using_subcommand gen; and __fish_seen_subcommand_from types" -l schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand gen; and __fish_seen_subcommand_from types" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand gen; and __fish_seen_subcommand_from types" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand gen; and __fish_seen_subcommand_from types" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand gen; and __fish_seen_subcommand_from types" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand gen; and __fish_seen_subcommand_from types" -l check -d 'Write nothing, and exit with 1 if a file is not as it would be made'
complete -c plattr -n "__fish_plattr_using_subcommand gen; and __fish_seen_subcommand_from types" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand gen; and __fish_seen_subcommand_from types" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand gen; and __fish_seen_subcommand_from types" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand gen; and __fish_seen_subcommand_from types" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand logs" -l since -d 'Show only what is younger: `10m`, `2h30m`, `2026-01-01T10:00`' -r
complete -c plattr -n "__fish_plattr_using_subcommand logs" -l tail -d 'Show only the last N lines of each service' -r
complete -c plattr -n "__fish_plattr_using_subcommand logs" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand logs" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand logs" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand logs" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand logs" -s f -l follow -d 'Go on until interrupted'
complete -c plattr -n "__fish_plattr_using_subcommand logs" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand logs" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand logs" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand forward" -s n -l namespace -d 'Look for the target in this namespace' -r
complete -c plattr -n "__fish_plattr_using_subcommand forward" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand forward" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand forward" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand forward" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand forward" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand forward" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand forward" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand forward" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand ps" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand ps" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand ps" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand ps" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand ps" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand ps" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand ps" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand ps" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -f -a "save" -d 'Save the data of all services under a name'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -f -a "restore" -d 'Replace the data of all services by that of a snapshot'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -f -a "list" -d 'List the snapshots of the stack, the oldest first'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -f -a "ls" -d 'List the snapshots of the stack, the oldest first'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -f -a "delete" -d 'Delete snapshots'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -f -a "rm" -d 'Delete snapshots'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s m -l message -d 'Remember this with it' -r
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from save" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from save" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from save" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from save" -l force -d 'Replace a snapshot of the same name'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from save" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from restore" -l save-current -d 'Save the data of now under this name first' -r
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from restore" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from restore" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from restore" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from restore" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from restore" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from restore" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from list" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from list" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from list" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from list" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from list" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from ls" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from ls" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from ls" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from ls" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from ls" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from ls" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from delete" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from delete" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from delete" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from delete" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from delete" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from rm" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from rm" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from rm" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from rm" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from rm" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand kubeconfig" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand kubeconfig" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand kubeconfig" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand kubeconfig" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand kubeconfig" -l path -d 'Print where the file is instead of what is in it'
complete -c plattr -n "__fish_plattr_using_subcommand kubeconfig" -l merge -d 'Add the cluster, its user and its context to your kubeconfig; what else is in it stays'
complete -c plattr -n "__fish_plattr_using_subcommand kubeconfig" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand kubeconfig" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand kubeconfig" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand kubeconfig" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -f -a "validate" -d 'Check plattr.yaml and the files beside it'
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -f -a "schema" -d 'Print the JSON Schema of plattr.yaml'
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -f -a "show" -d 'Print what the files mean together, defaults filled in'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from validate" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from validate" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from validate" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from validate" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from validate" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from validate" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from validate" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from schema" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from schema" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from schema" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from schema" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from schema" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from schema" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from schema" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from show" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from show" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from show" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand doctor" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand doctor" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand doctor" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand doctor" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand doctor" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand doctor" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand doctor" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -f -a "ls" -d 'List what is in the cache'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -f -a "prune" -d 'Remove from the cache what this plattr does not use'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from ls" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from ls" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from ls" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from ls" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from ls" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from ls" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from prune" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from prune" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from prune" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from prune" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from prune" -l all -d 'Remove everything; the next `plattr dev` fetches it again. Stop your stacks first'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from prune" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -f -a "create" -d 'Put everything that the project needs into one file'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -f -a "load" -d 'Load a bundle on this machine'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -f -a "show" -d 'Show what is in a bundle'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -l engine -d 'For this engine; the one of the project unless given' -r -f -a "native\t'Packages'
kind\t'Images, the program kind, and PostgreSQL\'s client programs'
both\t'All of these'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -l all -d 'Also what other projects may need: all that is in the package cache and used, and the images of all services'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -l force -d 'Replace a file of that name'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from load" -l engine -d 'Only what this engine needs' -r -f -a "native\t'Packages'
kind\t'Images, the program kind, and PostgreSQL\'s client programs'
both\t'All of these'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from load" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from load" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from load" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from load" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from load" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from load" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from load" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from load" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from show" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from show" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from show" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from show" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from show" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand completions" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand completions" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand completions" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand completions" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand completions" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand completions" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand completions" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand man" -l dir -d 'Write one page for each command into this folder' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand man" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'
csv\t'Comma-separated values with a header'
table\t'A table with lines between the columns'"
complete -c plattr -n "__fish_plattr_using_subcommand man" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand man" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand man" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand man" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand man" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand man" -s v -l verbose -d 'Say more; up to three times'
complete -c plattr -n "__fish_plattr_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
