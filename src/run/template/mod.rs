//! A database for a test, made in a moment: `--into NAME --template`.
//!
//! The target gives the schema. A template with that schema is seeded once; NAME is a copy of it that the server makes
//! (`CREATE DATABASE ... TEMPLATE`). `source` is what a template takes from the target, and the digest by which a
//! template is never used for another schema, scenario or setting; `schema_copy` makes the template; `mark` says which
//! databases are ours to drop; `record` keeps the report and the handles; `server` is where all this is done, with the
//! locks of workers that begin at the same moment.

mod mark;
pub mod name;
mod record;
mod schema_copy;
mod server;
mod source;

use std::time::{Duration, Instant};

use crate::db::libpq::Environment;
use crate::db::target::Target;
use crate::db::throwaway::Throwaway;
use crate::domain::GENERATOR_VERSION;
use crate::domain::dataset::Dataset;
use crate::error::{Error, Result};
use crate::note::Note;
use crate::report::TemplateReport;
use crate::run::seed::{Existing, Request};
use mark::{Found, Kind, Mark};
pub use record::Record;
use server::Server;
use source::Source;

/// Templates of one database that are kept; older ones go.
const MOST_TEMPLATES: usize = 8;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The database that is made.
    pub database: String,
    /// Tables of the target whose rows come along.
    pub with_rows: Vec<String>,
    /// What was typed that decides the rows. A template that the same words asked for, and that is not wanted any more, goes.
    pub asked: String,
    /// How long sessions that use the database are waited for.
    pub wait: Duration,
}

/// What makes a template, and the name that follows from that.
struct Spec {
    source: Source,
    environment: Option<Environment>,
    template: String,
    /// Digest of the arguments.
    asked: String,
}

impl Wanted {
    /// Makes the database, or makes it anew.
    ///
    /// # Errors
    /// Refused, where the name is that of a database which crm-seed did not make, or which somebody uses; whatever stands
    /// against seeding. What was begun is dropped.
    pub async fn make(&self, request: &Request, mut target: Target, dataset: Dataset) -> Result<Record> {
        let started = Instant::now();
        check(&mut target).await?;
        let source = Source::read(&mut target, &self.with_rows).await?;
        if source.name == self.database {
            return Err(Error::usage(format!(
                "--into {}: this is the database that gives the schema",
                source.name
            ))
            .with_hint("use another name, for example one for each worker of the test runner"));
        }
        if !source.may_create {
            return Err(Error::refused(format!("role {} may not create databases", source.role))
                .with_hint(schema_copy::may_create(&source.role)));
        }
        let (template, asked) = self.digests(request, &source);
        let environment = target.for_libpq.clone();
        let spec = Spec { source, environment, template, asked };
        let mut server = Server::open(target, &spec.source.name, request.quiet).await?;
        self.check_free(&server.databases(&self.database).await?)?;
        let made = self.template(&mut server, &spec, request, dataset).await?;
        let mut record = self.copy(&mut server, &spec).await?;
        server.close().await;
        record.report.seconds = started.elapsed().as_secs_f64();
        let (database, name) = (self.database.clone(), spec.template);
        record.report.template = Some(TemplateReport { database, name, made });
        Ok(record)
    }

    /// The name of the template, and the digest of the arguments.
    fn digests(&self, request: &Request, source: &Source) -> (String, String) {
        let Request { seed, as_of, scenario, overrides, strict, without_triggers, migrations, .. } = request;
        let hash = |parts: &[&dyn std::fmt::Debug]| {
            blake3::hash(format!("{parts:?}").as_bytes()).to_hex().to_string()
        };
        let all = hash(&[
            &GENERATOR_VERSION,
            &env!("CARGO_PKG_VERSION"),
            &source.digest,
            &self.with_rows,
            seed,
            as_of,
            scenario,
            &overrides.about_rows(),
            strict,
            without_triggers,
            migrations,
        ]);
        (name::of_template(&source.name, &all), hash(&[&self.asked, &self.with_rows]))
    }

    /// Refuses a database that is there and not a copy that crm-seed made.
    fn check_free(&self, databases: &[Found]) -> Result<()> {
        let is_foreign = |found: &&Found| {
            found.name == self.database && found.mark.as_ref().is_none_or(|mark| mark.kind != Kind::Copy)
        };
        match databases.iter().find(is_foreign) {
            None => Ok(()),
            Some(found) => {
                Err(Error::refused(format!("database {} exists, and crm-seed did not make it", found.name))
                    .with_hint(format!(
                        "use another name, or drop it yourself: dropdb {} (--into replaces only copies of \
                         its own, known by their COMMENT)",
                        found.name
                    )))
            }
        }
    }

    /// Sees to it that the template is there and stays: the lock for that is held then. True where this run made it.
    async fn template(
        &self,
        server: &mut Server,
        spec: &Spec,
        request: &Request,
        dataset: Dataset,
    ) -> Result<bool> {
        loop {
            server.share().await?;
            if has(&server.databases(&spec.template).await?, &spec.template)? {
                return Ok(false);
            }
            if server.hold().await? {
                break;
            }
        }
        // Somebody else may have made it in between.
        let databases = server.databases(&spec.template).await?;
        let is_there = has(&databases, &spec.template)?;
        if !is_there {
            self.clean_up(server, spec, databases).await?;
            self.seed(server, spec, request, dataset).await?;
        }
        server.release().await?;
        Ok(!is_there)
    }

    /// Drops what was left over, and templates of the same source that nothing would use again.
    async fn clean_up(&self, server: &mut Server, spec: &Spec, databases: Vec<Found>) -> Result<()> {
        let of_source = |found: &&Found| {
            found.mark.as_ref().is_some_and(|mark| mark.source == spec.source.name && mark.kind != Kind::Copy)
        };
        let mut ours: Vec<&Found> = databases.iter().filter(of_source).collect();
        ours.sort_by_key(|found| std::cmp::Reverse(found.mark.as_ref().map_or(0, |mark| mark.made)));
        let mut kept = 0;
        for Found { name, mark, .. } in ours {
            let Some(mark) = mark else { continue };
            let is_current = mark.kind == Kind::Template
                && name.starts_with(name::TEMPLATE)
                && mark.schema == spec.source.digest
                && mark.asked != spec.asked;
            kept += usize::from(is_current);
            if is_current && kept < MOST_TEMPLATES {
                continue;
            }
            server.drop_own(name).await?;
        }
        Ok(())
    }

    /// Makes the template under another name, so that one of this name is always whole.
    async fn seed(
        &self,
        server: &mut Server,
        spec: &Spec,
        request: &Request,
        dataset: Dataset,
    ) -> Result<()> {
        let Spec { source, environment, template, asked } = spec;
        let unfinished = Throwaway::named(name::UNFINISHED, &server.target)?;
        let mark = Mark {
            kind: Kind::Unfinished,
            oid: 0,
            name: template.clone(),
            source: source.name.clone(),
            schema: source.digest.clone(),
            asked: asked.clone(),
            made: 0,
        };
        schema_copy::copy(&mut server.target, source, environment.clone(), unfinished.name(), &mark).await?;
        let notes = self.look_again(server, source).await?;
        let mut target = server.target.beside(unfinished.name()).await?;
        let request = Request { existing: Existing::Refuse, if_changed: false, ..request.clone() };
        let outcome = request.run(&mut target, dataset).await;
        let outcome = outcome.map_err(|error| error.context("seeding the template"))?;
        record::keep(&mut target.connection, &outcome, &notes).await?;
        target.close().await;
        server.finish(unfinished.name(), Mark { kind: Kind::Template, ..mark }).await?;
        unfinished.keep();
        Ok(())
    }

    /// What is told of the source. Its schema may have been migrated while it was copied: then the template would bear the
    /// wrong name.
    async fn look_again(&self, server: &Server, source: &Source) -> Result<Vec<Note>> {
        let mut again = server.target.beside(&source.name).await?;
        let now = Source::read(&mut again, &self.with_rows).await?;
        let left_behind = source.left_behind(&mut again.connection).await?;
        again.close().await;
        if now.digest != source.digest {
            return Err(Error::failed(format!(
                "database {} was changed while its schema was copied",
                source.name
            ))
            .with_hint("nothing was made; run the command again"));
        }
        let is_told = !left_behind.is_empty();
        Ok(is_told.then(|| Note::rows_not_copied(&left_behind)).into_iter().collect())
    }

    /// Copies the template, and puts the copy in the place of an earlier one.
    async fn copy(&self, server: &mut Server, spec: &Spec) -> Result<Record> {
        server.hold_name(&self.database).await?;
        let databases = server.databases(&self.database).await?;
        self.check_free(&databases)?;
        let unfinished = Throwaway::named(name::UNFINISHED, &server.target)?;
        let mark = Mark {
            kind: Kind::Copy,
            oid: 0,
            name: self.database.clone(),
            source: spec.source.name.clone(),
            schema: String::new(),
            asked: String::new(),
            made: 0,
        };
        server.copy(&spec.template, unfinished.name(), mark).await?;
        schema_copy::settings(&mut server.target, &spec.source, unfinished.name()).await?;
        if databases.iter().any(|found| found.name == self.database) {
            server.drop_unused(&self.database, self.wait).await?;
        }
        server.rename(unfinished.name(), &self.database).await?;
        unfinished.keep();
        let template =
            databases.iter().find(|found| found.name == spec.template).map_or(0, |found| found.oid);
        let mut target = server.target.beside(&self.database).await?;
        let connection = &mut target.connection;
        record::readdress(connection, template).await?;
        let mut record = Record::read(connection).await?;
        record.report.target.clone_from(&target.description);
        target.close().await;
        Ok(record)
    }
}

/// Whether the template is there.
fn has(databases: &[Found], template: &str) -> Result<bool> {
    let Some(found) = databases.iter().find(|found| found.name == template) else { return Ok(false) };
    match &found.mark {
        Some(mark) if mark.kind == Kind::Template => Ok(true),
        _ => Err(Error::refused(format!(
            "database {template} exists, and is not the template that crm-seed made"
        ))
        .with_hint(format!("drop it: dropdb {template}"))),
    }
}

/// Refuses servers that cannot make databases for us.
async fn check(target: &mut Target) -> Result<()> {
    if target.is_embedded {
        return Err(Error::refused(
            "--into: the embedded PostgreSQL has one database, and takes one connection",
        )
        .with_hint("name a database of a PostgreSQL server with --database-url or DATABASE_URL"));
    }
    let pooler = target.ask_pooler().await?;
    if pooler.note().is_some() {
        return Err(Error::refused(
            "--into: the connection seems to go through a pooler, which has a list of databases",
        )
        .with_hint("connect to the server directly"));
    }
    Ok(())
}
