//! Gives the program what Windows shows of it: icon, name and version.

use std::env;
use std::error::Error;
use std::path::Path;

/// Where the window has them.
const ASSETS: &str = "../app/assets";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={ASSETS}/icon/icon.ico");
    println!("cargo::rerun-if-changed={ASSETS}/windows.manifest");
    if env::var_os("CARGO_CFG_WINDOWS").is_none() {
        return Ok(());
    }
    let assets = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(ASSETS);
    let (icon, manifest) = (assets.join("icon/icon.ico"), assets.join("windows.manifest"));
    let mut resource = winresource::WindowsResource::new();
    resource.set("ProductName", "Whoelse").set("FileDescription", "Whoelse server");
    resource.set_icon(&icon.to_string_lossy()).set_manifest_file(&manifest.to_string_lossy());
    resource.compile_for("whoelse-server")?;
    Ok(())
}
