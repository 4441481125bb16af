//! What is read, evaluated and concluded, on constraints as PostgreSQL 15 prints them.

mod facts;
mod patterns;
mod reading;
mod server;
