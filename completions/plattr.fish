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
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_needs_command" -s v -l verbose -d 'Say more; twice for everything'
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
complete -c plattr -n "__fish_plattr_needs_command" -f -a "db" -d 'Manage the database of the application'
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
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand init" -s v -l verbose -d 'Say more; twice for everything'
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
docker\t'`NAME=value` lines for `docker run --env-file`'"
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l dry-run -d 'Say what would be done, and do nothing'
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l watch -d 'Go on, and apply plattr.yaml again whenever it changes'
complete -c plattr -n "__fish_plattr_using_subcommand dev" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand dev" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand dev" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand dev" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand stop" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand stop" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand destroy" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand destroy" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand destroy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand status" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand status" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand verify" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand verify" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand env" -l override-name -d 'Print the variable OLD under the name NEW; may be given several times' -r
complete -c plattr -n "__fish_plattr_using_subcommand env" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand env" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand env" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand run" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand run" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from dump restore lint inspect" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from dump restore lint inspect" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; anywhere if CLICOLOR_FORCE is'
always\t'Always'
never\t'Never'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from dump restore lint inspect" -l project -d 'Work on the project in this folder instead of the current one' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from dump restore lint inspect" -l progress -d 'Show work that takes time in this form' -r -f -a "spinner\t'Moving lines, the default on a terminal'
plain\t'One line for each change, the default elsewhere'
json\t'One JSON object a line'
none\t'Nothing'"
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from dump restore lint inspect" -s y -l yes -d 'Answer every question with yes, or with its default'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from dump restore lint inspect" -l non-interactive -d 'Never ask, even on a terminal'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from dump restore lint inspect" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from dump restore lint inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from dump restore lint inspect" -f -a "dump" -d 'Write the schema and its rows to a file, or to standard output'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from dump restore lint inspect" -f -a "restore" -d 'Put a dump into the schema: all of it, or nothing'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from dump restore lint inspect" -f -a "lint" -d 'Find unsafe migrations and weak spots of the schema'
complete -c plattr -n "__fish_plattr_using_subcommand db; and not __fish_seen_subcommand_from dump restore lint inspect" -f -a "inspect" -d 'Show what the database is busy with and what it is made of'
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
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from dump" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -l db-url -d 'Work on this database instead of the project\'s own: a URL that libpq accepts' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -l schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Say more; twice for everything'
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
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -l limit -d 'Show at most this many lines of each table; 0 is all. JSON always has all' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -l db-url -d 'Work on this database instead of the project\'s own: a URL that libpq accepts' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -l schema -d 'The schema in it; the first of the login\'s search path unless given' -r
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand db; and __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand logs" -l since -d 'Show only what is younger: `10m`, `2h30m`, `2026-01-01T10:00`' -r
complete -c plattr -n "__fish_plattr_using_subcommand logs" -l tail -d 'Show only the last N lines of each service' -r
complete -c plattr -n "__fish_plattr_using_subcommand logs" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand logs" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand forward" -s n -l namespace -d 'Look for the target in this namespace' -r
complete -c plattr -n "__fish_plattr_using_subcommand forward" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand forward" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand forward" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand ps" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand ps" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand ps" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and not __fish_seen_subcommand_from save restore list ls delete rm" -s v -l verbose -d 'Say more; twice for everything'
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
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from save" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from restore" -l save-current -d 'Save the data of now under this name first' -r
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from restore" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from list" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from ls" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from delete" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from rm" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand snapshot; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand kubeconfig" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand kubeconfig" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand kubeconfig" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -f -a "validate" -d 'Check plattr.yaml and the files beside it'
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -f -a "schema" -d 'Print the JSON Schema of plattr.yaml'
complete -c plattr -n "__fish_plattr_using_subcommand config; and not __fish_seen_subcommand_from validate schema show" -f -a "show" -d 'Print what the files mean together, defaults filled in'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from validate" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from validate" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from schema" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from schema" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand doctor" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand doctor" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -f -a "ls" -d 'List what is in the cache'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and not __fish_seen_subcommand_from ls prune" -f -a "prune" -d 'Remove from the cache what this plattr does not use'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from ls" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from prune" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand cache; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -f -a "create" -d 'Put everything that the project needs into one file'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -f -a "load" -d 'Load a bundle on this machine'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and not __fish_seen_subcommand_from create load show" -f -a "show" -d 'Show what is in a bundle'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -l engine -d 'For this engine; the one of the project unless given' -r -f -a "native\t'Packages'
kind\t'Images, and the program kind'
both\t'All of these'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from load" -l engine -d 'Only what this engine needs' -r -f -a "native\t'Packages'
kind\t'Images, and the program kind'
both\t'All of these'"
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from load" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from load" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from load" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from show" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand bundle; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand completions" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand completions" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c plattr -n "__fish_plattr_using_subcommand man" -l dir -d 'Write one page for each command into this folder' -r -f -a "(__fish_complete_directories)"
complete -c plattr -n "__fish_plattr_using_subcommand man" -s o -l output -d 'Print in this format; each command says which it knows' -r -f -a "text\t'For people'
json\t'JSON; failures are JSON too, on stderr'
yaml\t'YAML'
env\t'`NAME=\'value\'` lines that shells and dotenv read'
direnv\t'`export` lines for direnv\'s .envrc'
docker\t'`NAME=value` lines for `docker run --env-file`'"
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
complete -c plattr -n "__fish_plattr_using_subcommand man" -s v -l verbose -d 'Say more; twice for everything'
complete -c plattr -n "__fish_plattr_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
