//! The binary: everything is in the library.

fn main() -> std::process::ExitCode {
    crm_seed::cli::main()
}
