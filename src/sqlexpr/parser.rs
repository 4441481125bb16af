//! Reads an [`Expression`] from the text that the server gives of it. What it does not know, it says it
//! cannot read.

use std::sync::Arc;

use crate::sqlexpr::cast::{cast, elements};
use crate::sqlexpr::expression::Expression;
use crate::sqlexpr::functions::function;
use crate::sqlexpr::lexer::{Token, tokens};
use crate::sqlexpr::numbers::number;
use crate::sqlexpr::operator::{Comparison, Operator, Test};
use crate::sqlexpr::pattern::Pattern;
use crate::sqlexpr::types::Type;
use crate::sqlexpr::value::Value;
use crate::sqlexpr::weight;

/// Reads `CHECK (...)`, or an expression by itself.
///
/// # Errors
/// What of it cannot be read.
pub fn read(text: &str) -> Result<Expression, String> {
    let mut left = weight::ALL;
    read_within(text, &mut left)
}

/// The same, where all patterns of a target together may weigh what is `left`.
///
/// # Errors
/// What of it cannot be read, or would take too long.
pub fn read_within(text: &str, left: &mut u64) -> Result<Expression, String> {
    if text.len() > LONGEST {
        return Err("a very long expression".into());
    }
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: &tokens, at: 0, depth: 0, copied: 0, left };
    reader.take_word("CHECK");
    let expression = reader.expression(0)?;
    // NOT VALID and NO INHERIT change nothing for new rows.
    while ["NOT", "VALID", "NO", "INHERIT"].iter().any(|word| reader.take_word(word)) {}
    match reader.peek() {
        None => Ok(expression),
        Some(_) => Err(reader.stuck()),
    }
}

/// Expressions in one another: the server's own limit is far above what people write.
const DEEPEST: usize = 100;

/// And with the operators that stand beside one another, which are nested to the left.
const HIGHEST: usize = 2 * DEEPEST;

/// Bytes of a definition: a list of a hundred thousand items fits.
const LONGEST: usize = 4 << 20;

/// What stands for itself twice, as in `NULLIF`, is copied: in one another it would double each time.
const MOST_COPIED: usize = 10_000;

/// How strongly the operators bind that are not [`Operator`]s.
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const IS: u8 = 4;
const COMPARISON: u8 = 5;
const OTHER: u8 = 7;
const AT: u8 = 11;
const SIGN: u8 = 13;

pub(super) struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    copied: usize,
    /// What the patterns of the target may still weigh.
    left: &'a mut u64,
}

pub(super) type Read = Result<Expression, String>;

impl<'a> Reader<'a> {
    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn next(&mut self) -> Option<&'a Token> {
        let token = self.tokens.get(self.at);
        self.at += usize::from(token.is_some());
        token
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(other)) if other.eq_ignore_ascii_case(word))
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        self.at += usize::from(is);
        is
    }

    pub(super) fn take(&mut self, symbol: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Symbol(other)) if other == symbol);
        self.at += usize::from(is);
        is
    }

    /// Takes both or none.
    pub(super) fn take_pair(&mut self, first: &str, second: &str) -> bool {
        let start = self.at;
        let are = self.take(first) && self.take(second);
        if !are {
            self.at = start;
        }
        are
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), String> {
        if self.take(symbol) { Ok(()) } else { Err(self.stuck()) }
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<(), String> {
        if self.take_word(word) { Ok(()) } else { Err(self.stuck()) }
    }

    pub(super) fn stuck(&self) -> String {
        self.peek().map_or_else(
            || "an expression that ends early".to_owned(),
            |token| format!("`{}`", token.shown()),
        )
    }

    /// An expression of operators that bind more strongly than `above`.
    pub(super) fn expression(&mut self, above: u8) -> Read {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("very deeply nested expressions".into());
        }
        let mut left = self.prefixed()?;
        let mut nested = 0;
        while nested <= DEEPEST {
            match self.infix(left, above)? {
                (more, true) => left = more,
                (whole, false) => {
                    self.depth -= 1;
                    return Ok(whole);
                }
            }
            // What stands beside one another is nested to the left; but AND and OR hold any number.
            if !matches!(left, Expression::And(_) | Expression::Or(_)) {
                nested += 1;
                if left.height() > HIGHEST {
                    return Err("very deeply nested expressions".into());
                }
            }
        }
        Err("a very long row of operators".into())
    }

    /// A copy of what stands for itself in two places.
    pub(super) fn copy(&mut self, expression: &Expression) -> Read {
        self.copied += expression.size();
        if self.copied > MOST_COPIED {
            return Err("very many nested expressions".into());
        }
        Ok(expression.clone())
    }

    fn prefixed(&mut self) -> Read {
        if self.take_word("NOT") {
            return Ok(negated(self.expression(NOT)?));
        }
        if self.take("-") {
            let inner = self.expression(SIGN - 1)?;
            return Ok(match inner {
                Expression::Literal(Value::Number(number), kind) => {
                    Expression::Literal(Value::Number(-number), kind)
                }
                inner => {
                    let zero = Expression::Literal(Value::from(0), inner.kind().cloned());
                    Expression::Operation(Operator::Minus, Box::new(zero), Box::new(inner))
                }
            });
        }
        if self.take("+") {
            return self.expression(SIGN - 1);
        }
        if self.take("@") {
            let absolute = function("abs").ok_or("`@`")?;
            return Ok(Expression::Call(absolute, vec![self.expression(OTHER)?]));
        }
        let bare = self.bare()?;
        self.suffixed(bare)
    }

    /// Casts and places in arrays, which bind more strongly than everything else.
    fn suffixed(&mut self, mut value: Expression) -> Read {
        for times in 0..DEEPEST {
            if self.take("::") {
                value = folded(value, self.type_name()?)?;
            } else if self.take("[") {
                let at = self.expression(0)?;
                self.expect("]")?;
                value = Expression::Operation(Operator::Element, Box::new(value), Box::new(at));
            } else if times > 0 && value.height() > HIGHEST {
                break;
            } else {
                return Ok(value);
            }
        }
        Err("very many casts".into())
    }

    /// Goes on with an operator that binds more strongly than `above`, if there is one.
    fn infix(&mut self, left: Expression, above: u8) -> Result<(Expression, bool), String> {
        let start = self.at;
        let made = match self.next() {
            Some(Token::Word(word)) => self.word_infix(left, &word.to_ascii_uppercase(), above)?,
            Some(Token::Symbol(symbol)) => self.symbol_infix(left, symbol, above)?,
            _ => (left, false),
        };
        if !made.1 {
            self.at = start;
        }
        Ok(made)
    }

    fn word_infix(&mut self, left: Expression, word: &str, above: u8) -> Result<(Expression, bool), String> {
        let made = match word {
            "OR" if above < OR => match (left, self.expression(OR)?) {
                (Expression::Or(mut sides), right) => {
                    sides.push(right);
                    Expression::Or(sides)
                }
                (left, right) => Expression::Or(vec![left, right]),
            },
            "AND" if above < AND => match (left, self.expression(AND)?) {
                (Expression::And(mut sides), right) => {
                    sides.push(right);
                    Expression::And(sides)
                }
                (left, right) => Expression::And(vec![left, right]),
            },
            "IS" if above < IS => self.is(left)?,
            "COLLATE" => {
                let mut name = self.next().ok_or("an expression that ends early")?.shown();
                while self.take(".") {
                    name = self.next().ok_or("an expression that ends early")?.shown();
                }
                match name {
                    "C" | "POSIX" | "ucs_basic" => Expression::Cast(Box::new(left), Type::Bytewise),
                    _ => left,
                }
            }
            "AT" if above < AT => {
                self.expect_word("TIME")?;
                self.expect_word("ZONE")?;
                match self.expression(AT)? {
                    Expression::Literal(Value::Text(zone), _) if is_utc(&zone) => {
                        folded(left, Type::Timestamp)?
                    }
                    _ => return Err("a time zone".into()),
                }
            }
            "OPERATOR" => {
                // As `OPERATOR(schema.=)`, which is written where the operator's schema is not searched.
                self.expect("(")?;
                while let Some(Token::Word(_) | Token::Quoted(_)) = self.peek() {
                    self.at += 1;
                    self.expect(".")?;
                }
                let Some(Token::Symbol(symbol)) = self.next() else { return Err(self.stuck()) };
                self.expect(")")?;
                if above >= OTHER {
                    return Ok((left, false));
                }
                return self.symbol_infix(left, symbol, 0);
            }
            _ => return Ok((left, false)),
        };
        Ok((made, true))
    }

    fn is(&mut self, left: Expression) -> Read {
        let is_negated = self.take_word("NOT");
        let left = Box::new(left);
        let made = if self.take_word("NULL") || self.take_word("UNKNOWN") {
            Expression::Is(Test::Null, left)
        } else if self.take_word("TRUE") {
            Expression::Is(Test::True, left)
        } else if self.take_word("FALSE") {
            Expression::Is(Test::False, left)
        } else if self.take_word("DISTINCT") {
            self.expect_word("FROM")?;
            Expression::Distinct(left, Box::new(self.expression(IS)?))
        } else {
            return Err(self.stuck());
        };
        Ok(if is_negated { negated(made) } else { made })
    }

    fn symbol_infix(
        &mut self,
        left: Expression,
        symbol: &str,
        above: u8,
    ) -> Result<(Expression, bool), String> {
        if let Some(comparison) = Comparison::of(symbol) {
            return if above < COMPARISON {
                Ok((self.compared(left, comparison)?, true))
            } else {
                Ok((left, false))
            };
        }
        if let Some((operator, strength)) = Operator::of(symbol) {
            if above >= strength {
                return Ok((left, false));
            }
            let right = self.expression(strength)?;
            return Ok((Expression::Operation(operator, Box::new(left), Box::new(right)), true));
        }
        let (is_negated, rest) = symbol.strip_prefix('!').map_or((false, symbol), |rest| (true, rest));
        let (is_like, ignores_case) = match rest {
            "~" => (false, false),
            "~*" => (false, true),
            "~~" => (true, false),
            "~~*" => (true, true),
            _ => return Ok((left, false)),
        };
        if above >= OTHER {
            return Ok((left, false));
        }
        let right = self.expression(OTHER)?;
        let made = self.matching(left, right, is_like, ignores_case)?;
        Ok((if is_negated { negated(made) } else { made }, true))
    }

    fn compared(&mut self, left: Expression, comparison: Comparison) -> Read {
        let all = self.is_word("ALL");
        if !(self.take_word("ANY") || self.take_word("ALL")) {
            let right = Box::new(self.expression(COMPARISON)?);
            return Ok(Expression::Compare(comparison, Box::new(left), right));
        }
        self.expect("(")?;
        let array = match self.expression(0)? {
            Expression::Literal(Value::Text(text), _) => {
                Expression::Literal(Value::List(elements(&text).ok_or("an array")?), None)
            }
            array => array,
        };
        self.expect(")")?;
        Ok(Expression::Quantified { comparison, left: Box::new(left), array: Box::new(array), all })
    }

    fn matching(
        &mut self,
        subject: Expression,
        source: Expression,
        is_like: bool,
        ignores_case: bool,
    ) -> Read {
        let is_caseless = [&subject, &source].iter().any(|side| side.kind() == Some(&Type::Caseless));
        let ignores_case = ignores_case || is_caseless;
        // No clock in a pattern: any second will do.
        let constant = source.is_constant().then(|| source.value(&|_| Value::Null, 0));
        let compiled = match constant {
            Some(Value::Text(text)) => Some(Pattern::read(&text, is_like, ignores_case, self.left)?),
            Some(Value::Null) | None => None,
            Some(_) => return Err("a pattern".into()),
        };
        Ok(Expression::Match {
            subject: Box::new(subject),
            source: Box::new(source),
            is_like,
            ignores_case,
            compiled: compiled.map(Arc::new),
        })
    }

    fn bare(&mut self) -> Read {
        if self.take("(") {
            let inner = self.expression(0)?;
            self.expect(")")?;
            return Ok(inner);
        }
        match self.next() {
            None => Err(self.stuck()),
            Some(Token::Number(digits)) => {
                let number = number(digits).ok_or_else(|| format!("`{digits}`"))?;
                let is_whole = digits.bytes().all(|digit| digit.is_ascii_digit());
                let kind = if is_whole { Type::Integer(4) } else { Type::Numeric(None) };
                Ok(Expression::Literal(Value::Number(number), Some(kind)))
            }
            Some(Token::Text(text)) => Ok(Expression::Literal(Value::Text(text.clone()), None)),
            Some(Token::Quoted(name)) => self.name(name, true),
            Some(Token::Word(word)) => self.name(word, false),
            Some(Token::Symbol(symbol)) => Err(format!("`{symbol}`")),
        }
    }
}

fn negated(expression: Expression) -> Expression {
    Expression::Not(Box::new(expression))
}

pub(super) fn is_utc(zone: &str) -> bool {
    ["utc", "gmt", "zulu", "etc/utc", "z"].iter().any(|name| zone.eq_ignore_ascii_case(name))
}

/// A cast; of a literal, what becomes of it.
pub(super) fn folded(value: Expression, kind: Type) -> Read {
    let literal = match value {
        Expression::Literal(literal, _) => literal,
        Expression::Array(items) => match &kind {
            // The cast of an array is that of each of its items.
            Type::Array(item) => {
                let items = items.into_iter().map(|value| folded(value, Type::clone(item)));
                return Ok(listed(items.collect::<Result<_, _>>()?));
            }
            _ => return Err("a cast of an array".into()),
        },
        value => return Ok(Expression::Cast(Box::new(value), kind)),
    };
    let shown = literal.clone();
    match cast(literal, &kind) {
        Ok(value) => Ok(Expression::Literal(value, Some(kind))),
        Err(_) => Err(match shown {
            Value::Text(text) => format!("`{text}`"),
            _ => "a cast of a literal".to_owned(),
        }),
    }
}

/// An array, a literal where all of it are.
pub(super) fn listed(items: Vec<Expression>) -> Expression {
    let literals = items.iter().map(|item| match item {
        Expression::Literal(value, _) => Some(value.clone()),
        _ => None,
    });
    match literals.collect::<Option<Vec<Value>>>() {
        Some(values) => {
            let kind = items.first().and_then(Expression::kind).cloned();
            Expression::Literal(Value::List(values), kind.map(|kind| Type::Array(Box::new(kind))))
        }
        None => Expression::Array(items),
    }
}
