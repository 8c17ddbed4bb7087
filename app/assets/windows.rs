// Part of the build scripts of window, server and command line: what Windows shows of a program.

use std::env;
use std::error::Error;
use std::path::Path;

/// Gives a program its icon, name, version and manifest. `assets` lies below the folder of the crate.
pub(crate) fn resources(assets: &str, description: &str, program: &str) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={assets}/icon/icon.ico");
    println!("cargo::rerun-if-changed={assets}/windows.manifest");
    if env::var_os("CARGO_CFG_WINDOWS").is_none() {
        return Ok(());
    }
    let assets = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(assets);
    let (icon, manifest) = (assets.join("icon/icon.ico"), assets.join("windows.manifest"));
    let mut resource = winresource::WindowsResource::new();
    resource.set("ProductName", "Whoelse").set("FileDescription", description);
    resource.set_icon(&icon.to_string_lossy()).set_manifest_file(&manifest.to_string_lossy());
    resource.compile_for(program)?;
    Ok(())
}
