//! Gives the program what Windows shows of it: icon, name and version.

#[path = "../app/assets/windows.rs"]
mod windows;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    windows::resources("../app/assets", "Whoelse server", "whoelse-server")
}
