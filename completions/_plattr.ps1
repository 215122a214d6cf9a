
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'plattr' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'plattr'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'plattr' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write plattr.yaml, .gitignore lines and a workflow for a new project')
            [CompletionResult]::new('dev', 'dev', [CompletionResultType]::ParameterValue, 'Start everything that the application needs, and prove that it works')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop the services of the stack; data stays')
            [CompletionResult]::new('destroy', 'destroy', [CompletionResultType]::ParameterValue, 'Stop the services and delete all of their data')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show what runs: health, versions, URLs, uptime and memory')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Prove by real round trips that every service works as the application uses it')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Print the variables that the application sees')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run a program with the variables of the application set')
            [CompletionResult]::new('db', 'db', [CompletionResultType]::ParameterValue, 'Manage the database of the application')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Show what the services say, merged by time')
            [CompletionResult]::new('forward', 'forward', [CompletionResultType]::ParameterValue, 'Make ports of pods in the cluster reachable on this machine')
            [CompletionResult]::new('ps', 'ps', [CompletionResultType]::ParameterValue, 'Show all stacks of this machine')
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Manage snapshots of all data of the stack')
            [CompletionResult]::new('kubeconfig', 'kubeconfig', [CompletionResultType]::ParameterValue, 'Print the kubeconfig of the stack''s cluster, or add it to your own')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Manage the configuration')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find what on this machine is in the way')
            [CompletionResult]::new('cache', 'cache', [CompletionResultType]::ParameterValue, 'Manage fetched packages')
            [CompletionResult]::new('bundle', 'bundle', [CompletionResultType]::ParameterValue, 'Manage bundles for machines without a network')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a script that completes plattr''s command lines')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, or write the pages of all commands')
            break
        }
        'plattr;init' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name the application')
            [CompletionResult]::new('--framework', '--framework', [CompletionResultType]::ParameterName, 'Say which framework it uses')
            [CompletionResult]::new('--storage', '--storage', [CompletionResultType]::ParameterName, 'Give it object storage with these buckets')
            [CompletionResult]::new('--auth', '--auth', [CompletionResultType]::ParameterName, 'Give it sign-in, with these identity providers besides its own users')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('--database', '--database', [CompletionResultType]::ParameterName, 'Give it PostgreSQL and PostgREST; the default')
            [CompletionResult]::new('--no-database', '--no-database', [CompletionResultType]::ParameterName, 'Give it no database')
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Give it Redis')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Give it OpenSearch')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace files that exist')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the files instead of writing them')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;dev' {
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Bring up only these services, with what they need; leave others as they are')
            [CompletionResult]::new('--without', '--without', [CompletionResultType]::ParameterName, 'Leave out these services')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Bring up the services of a profile from `local.profiles`')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Choose where the services run')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Go on, and apply plattr.yaml again whenever it changes')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;stop' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;destroy' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('--keep-snapshots', '--keep-snapshots', [CompletionResultType]::ParameterName, 'Keep the snapshots; `plattr snapshot restore` brings their data back')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;status' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Exit with 1 unless every service is healthy')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;verify' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;env' {
            [CompletionResult]::new('--override-name', '--override-name', [CompletionResultType]::ParameterName, 'Print the variable OLD under the name NEW; may be given several times')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;run' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;db' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('dump', 'dump', [CompletionResultType]::ParameterValue, 'Write the schema and its rows to a file, or to standard output')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Put a dump into the schema: all of it, or nothing')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Find unsafe migrations and weak spots of the schema')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show what the database is busy with and what it is made of')
            break
        }
        'plattr;db;dump' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the dump')
            [CompletionResult]::new('--table', '--table', [CompletionResultType]::ParameterName, 'Only this table of the schema, or those that fit a pattern of pg_dump; may be repeated')
            [CompletionResult]::new('--db-url', '--db-url', [CompletionResultType]::ParameterName, 'Work on this database instead of the project''s own: a URL that libpq accepts')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'The schema in it; the first of the login''s search path unless given')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('--schema-only', '--schema-only', [CompletionResultType]::ParameterName, 'Only tables, views, functions and the like')
            [CompletionResult]::new('--data-only', '--data-only', [CompletionResultType]::ParameterName, 'Only rows')
            [CompletionResult]::new('--clean', '--clean', [CompletionResultType]::ParameterName, 'Begin the dump with dropping what it makes')
            [CompletionResult]::new('--with-owner', '--with-owner', [CompletionResultType]::ParameterName, 'Say who owned what, and who was granted what')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;db;restore' {
            [CompletionResult]::new('--db-url', '--db-url', [CompletionResultType]::ParameterName, 'Work on this database instead of the project''s own: a URL that libpq accepts')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'The schema in it; the first of the login''s search path unless given')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('--clean', '--clean', [CompletionResultType]::ParameterName, 'Drop everything that is in the schema first')
            [CompletionResult]::new('--with-owner', '--with-owner', [CompletionResultType]::ParameterName, 'Restore owners and grants too, where the dump has them')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;db;lint' {
            [CompletionResult]::new('--rule', '--rule', [CompletionResultType]::ParameterName, 'Check this rule and no other, also if it is off by default; may be repeated')
            [CompletionResult]::new('--no-rule', '--no-rule', [CompletionResultType]::ParameterName, 'Do not check this rule; may be repeated')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Fail if something is found that matters this much')
            [CompletionResult]::new('--anon-role', '--anon-role', [CompletionResultType]::ParameterName, 'Role of those who are not signed in [default: the application''s; with --db-url `SCHEMA_anon` and `anon`]')
            [CompletionResult]::new('--authenticated-role', '--authenticated-role', [CompletionResultType]::ParameterName, 'Role of those who are [default: the application''s; with --db-url `SCHEMA_authenticated` and `authenticated`]')
            [CompletionResult]::new('--db-url', '--db-url', [CompletionResultType]::ParameterName, 'Work on this database instead of the project''s own: a URL that libpq accepts')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'The schema in it; the first of the login''s search path unless given')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Look at migrations that were applied, too')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;db;inspect' {
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Show at most this many lines of each table; 0 is all. JSON always has all')
            [CompletionResult]::new('--db-url', '--db-url', [CompletionResultType]::ParameterName, 'Work on this database instead of the project''s own: a URL that libpq accepts')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'The schema in it; the first of the login''s search path unless given')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('--all-schemas', '--all-schemas', [CompletionResultType]::ParameterName, 'Look at every schema, not only the application''s')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;logs' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Show only what is younger: `10m`, `2h30m`, `2026-01-01T10:00`')
            [CompletionResult]::new('--tail', '--tail', [CompletionResultType]::ParameterName, 'Show only the last N lines of each service')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Go on until interrupted')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on until interrupted')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;forward' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Look for the target in this namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Look for the target in this namespace')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;ps' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;snapshot' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('save', 'save', [CompletionResultType]::ParameterValue, 'Save the data of all services under a name')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Replace the data of all services by that of a snapshot')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the snapshots of the stack, the oldest first')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the snapshots of the stack, the oldest first')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete snapshots')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Delete snapshots')
            break
        }
        'plattr;snapshot;save' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Remember this with it')
            [CompletionResult]::new('--message', '--message', [CompletionResultType]::ParameterName, 'Remember this with it')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace a snapshot of the same name')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;snapshot;restore' {
            [CompletionResult]::new('--save-current', '--save-current', [CompletionResultType]::ParameterName, 'Save the data of now under this name first')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;snapshot;list' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;snapshot;ls' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;snapshot;delete' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;snapshot;rm' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;kubeconfig' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Print where the file is instead of what is in it')
            [CompletionResult]::new('--merge', '--merge', [CompletionResultType]::ParameterName, 'Add the cluster, its user and its context to your kubeconfig; what else is in it stays')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;config' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Check plattr.yaml and the files beside it')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of plattr.yaml')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print what the files mean together, defaults filled in')
            break
        }
        'plattr;config;validate' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;config;schema' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;config;show' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;doctor' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;cache' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List what is in the cache')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove from the cache what this plattr does not use')
            break
        }
        'plattr;cache;ls' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;cache;prune' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Remove everything; the next `plattr dev` fetches it again. Stop your stacks first')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;bundle' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Put everything that the project needs into one file')
            [CompletionResult]::new('load', 'load', [CompletionResultType]::ParameterValue, 'Load a bundle on this machine')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what is in a bundle')
            break
        }
        'plattr;bundle;create' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'For this engine; the one of the project unless given')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also what other projects may need: all that is in the package cache and used, and the images of all services')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace a file of that name')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;bundle;load' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Only what this engine needs')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;bundle;show' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;completions' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'plattr;man' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Write one page for each command into this folder')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Print in this format; each command says which it knows')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Work on the project in this folder instead of the current one')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show work that takes time in this form')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes, or with its default')
            [CompletionResult]::new('--non-interactive', '--non-interactive', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
