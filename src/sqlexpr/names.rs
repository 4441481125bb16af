//! What begins with a name: columns, functions, `CASE`, the names of types.

use crate::sqlexpr::expression::Expression;
use crate::sqlexpr::functions::function;
use crate::sqlexpr::lexer::Token;
use crate::sqlexpr::operator::Comparison;
use crate::sqlexpr::parser::{Read, Reader, folded, is_utc, listed};
use crate::sqlexpr::types::Type;
use crate::sqlexpr::value::Value;

impl Reader<'_> {
    /// What a name stands for.
    pub(super) fn name(&mut self, name: &str, is_quoted: bool) -> Read {
        if !is_quoted && let Some(special) = self.special(&name.to_ascii_uppercase())? {
            return Ok(special);
        }
        if name == "pg_catalog" && self.take(".") {
            let name = self.next().ok_or("an expression that ends early")?.shown();
            return if self.take("(") { self.call(name) } else { Err(format!("`{name}`")) };
        }
        if self.take("(") { self.call(name) } else { Ok(Expression::Column(name.to_owned())) }
    }

    /// Key words, and functions whose arguments are not written like those of others.
    fn special(&mut self, word: &str) -> Result<Option<Expression>, String> {
        let literal = |value: Value, kind| Ok(Some(Expression::Literal(value, kind)));
        match word {
            "TRUE" => return literal(Value::Bool(true), Some(Type::Bool)),
            "FALSE" => return literal(Value::Bool(false), Some(Type::Bool)),
            "NULL" => return literal(Value::Null, None),
            "CASE" => return self.case().map(Some),
            "CURRENT_DATE" | "CURRENT_TIMESTAMP" | "LOCALTIMESTAMP" => {
                let function = function(&word.to_ascii_lowercase()).ok_or("the current time")?;
                return Ok(Some(Expression::Call(function, Vec::new())));
            }
            "CURRENT_TIME" | "LOCALTIME" | "CURRENT_USER" | "SESSION_USER" | "CURRENT_ROLE" => {
                return Err(format!("`{word}`"));
            }
            "ARRAY" if self.take("[") => return self.list("]").map(|items| Some(listed(items))),
            _ => {}
        }
        if !matches!(self.peek(), Some(Token::Symbol(symbol)) if symbol == "(") {
            return Ok(None);
        }
        match word {
            "COALESCE" => {
                self.expect("(")?;
                self.list(")").map(|items| Some(Expression::Coalesce(items)))
            }
            "NULLIF" => self.null_if().map(Some),
            "EXTRACT" => self.extract().map(Some),
            "TRIM" => self.trim().map(Some),
            "POSITION" => self.position().map(Some),
            "SUBSTRING" => self.substring().map(Some),
            _ => Ok(None),
        }
    }

    /// Expressions with commas between them, up to `end`.
    fn list(&mut self, end: &str) -> Result<Vec<Expression>, String> {
        let mut items = Vec::new();
        while !self.take(end) {
            if !items.is_empty() {
                self.expect(",")?;
            }
            if self.is_word("VARIADIC") {
                return Err(self.stuck());
            }
            items.push(self.expression(0)?);
        }
        Ok(items)
    }

    fn call(&mut self, name: &str) -> Read {
        let arguments = self.list(")")?;
        call(&name.to_ascii_lowercase(), arguments)
    }

    /// `CASE WHEN a THEN b ... ELSE c END`, and with an operand, whose branches become comparisons.
    fn case(&mut self) -> Read {
        let operand = if self.is_word("WHEN") { None } else { Some(self.expression(0)?) };
        let mut branches = Vec::new();
        while self.take_word("WHEN") {
            let mut condition = self.expression(0)?;
            if let Some(operand) = &operand {
                let operand = Box::new(self.copy(operand)?);
                condition = Expression::Compare(Comparison::Equal, operand, Box::new(condition));
            }
            self.expect_word("THEN")?;
            branches.push((condition, self.expression(0)?));
        }
        let otherwise =
            if self.take_word("ELSE") { self.expression(0)? } else { Expression::Literal(Value::Null, None) };
        self.expect_word("END")?;
        Ok(Expression::Case(branches, Box::new(otherwise)))
    }

    /// `NULLIF(a, b)`: a CASE.
    fn null_if(&mut self) -> Read {
        self.expect("(")?;
        let Ok([value, other]) = <[Expression; 2]>::try_from(self.list(")")?) else {
            return Err("`NULLIF`".into());
        };
        let is_other = Expression::Compare(Comparison::Equal, Box::new(self.copy(&value)?), Box::new(other));
        let null = Expression::Literal(Value::Null, None);
        Ok(Expression::Case(vec![(is_other, null)], Box::new(value)))
    }

    fn extract(&mut self) -> Read {
        self.expect("(")?;
        let field = self.next().ok_or("an expression that ends early")?.shown().to_owned();
        self.expect_word("FROM")?;
        let from = self.expression(0)?;
        self.expect(")")?;
        call("date_part", vec![Expression::Literal(Value::Text(field), None), from])
    }

    /// `TRIM(BOTH 'x' FROM s)`.
    fn trim(&mut self) -> Read {
        self.expect("(")?;
        let name = if self.take_word("LEADING") {
            "ltrim"
        } else if self.take_word("TRAILING") {
            "rtrim"
        } else {
            self.take_word("BOTH");
            "btrim"
        };
        let set = if self.is_word("FROM") { None } else { Some(self.expression(0)?) };
        let (text, set) = match (self.take_word("FROM"), set) {
            (true, set) => (self.expression(0)?, set),
            (false, Some(text)) => (text, None),
            (false, None) => return Err(self.stuck()),
        };
        self.expect(")")?;
        call(name, std::iter::once(text).chain(set).collect())
    }

    /// `POSITION((part) IN (text))`.
    fn position(&mut self) -> Read {
        self.expect("(")?;
        let part = self.expression(0)?;
        self.expect_word("IN")?;
        let text = self.expression(0)?;
        self.expect(")")?;
        call("strpos", vec![text, part])
    }

    /// `SUBSTRING(s FROM 1 FOR 2)`, and with commas.
    fn substring(&mut self) -> Read {
        self.expect("(")?;
        let mut arguments = vec![self.expression(0)?];
        if self.take_word("FROM") {
            arguments.push(self.expression(0)?);
        }
        if self.take_word("FOR") {
            if arguments.len() == 1 {
                arguments.push(Expression::Literal(Value::from(1), Some(Type::Integer(4))));
            }
            arguments.push(self.expression(0)?);
        }
        while self.take(",") {
            arguments.push(self.expression(0)?);
        }
        self.expect(")")?;
        call("substring", arguments)
    }

    /// `text`, `character varying(20)[]`, `timestamp with time zone`, `"Mood"`, `crm.mood`.
    pub(super) fn type_name(&mut self) -> Result<Type, String> {
        let mut name = self.type_word()?;
        while self.take(".") {
            name = self.type_word()?;
        }
        let sizes = self.sizes()?;
        let mut more = Vec::new();
        for word in ["varying", "precision", "with", "without", "time", "zone"] {
            if self.is_word(word) {
                self.next();
                more.push(word);
            }
        }
        let sizes = if sizes.is_empty() { self.sizes()? } else { sizes };
        if !more.is_empty() {
            name = format!("{name} {}", more.join(" "));
        }
        let mut kind = Type::of(&name, &sizes);
        if self.is_array() {
            kind = Type::Array(Box::new(kind));
        }
        Ok(kind)
    }

    fn type_word(&mut self) -> Result<String, String> {
        match self.peek() {
            Some(Token::Word(name) | Token::Quoted(name)) => {
                self.next();
                Ok(name.clone())
            }
            _ => Err(self.stuck()),
        }
    }

    fn sizes(&mut self) -> Result<Vec<u32>, String> {
        let mut sizes = Vec::new();
        if !self.take("(") {
            return Ok(sizes);
        }
        while !self.take(")") {
            match self.next() {
                Some(Token::Number(digits)) => sizes.push(digits.parse().map_err(|_| format!("`{digits}`"))?),
                _ => return Err(self.stuck()),
            }
            self.take(",");
        }
        Ok(sizes)
    }

    /// `[]`, once or more: arrays of arrays are not told apart by the server either.
    fn is_array(&mut self) -> bool {
        let mut is_array = false;
        while self.take_pair("[", "]") {
            is_array = true;
        }
        is_array
    }
}

/// The call of a function that we know, with as many arguments as it takes.
fn call(name: &str, mut arguments: Vec<Expression>) -> Read {
    if name == "timezone" && arguments.len() == 2 {
        let moment = arguments.remove(1);
        return match arguments.remove(0) {
            Expression::Literal(Value::Text(zone), _) if is_utc(&zone) => folded(moment, Type::Timestamp),
            _ => Err("a time zone".into()),
        };
    }
    let function = function(name).ok_or_else(|| format!("the function `{name}`"))?;
    if !(function.least..=function.most).contains(&arguments.len()) {
        return Err(format!("the arguments of `{name}`"));
    }
    Ok(Expression::Call(function, arguments))
}
